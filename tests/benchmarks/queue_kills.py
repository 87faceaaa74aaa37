"""kill -9, two hundred times: a process that takes runs in and computes them, as the server does.

Run by hand: python tests/benchmarks/queue_kills.py [kills [seed]]. Prints what was counted.
"""

import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.engine.queue.kills import kill_often


def main() -> None:
    """Kill, count and print."""
    words = sys.argv[1:]
    kills = int(words[0]) if words else 200
    seed = int(words[1]) if len(words) > 1 else 0
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        figures = kill_often(Path(folder), kills, seed)
    for name, value in asdict(figures).items():
        sys.stdout.write(f"{name:12} {value}\n")
    sys.stdout.write(f"{'seconds':12} {time.perf_counter() - began:.0f}\n")


if __name__ == "__main__":
    main()
