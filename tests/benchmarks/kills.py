"""kill -9, five hundred times: two processes on one store, killed at random times.

Run by hand: python tests/benchmarks/kills.py [kills]. Prints what was counted; kept beside it in
kills.txt.
"""

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.engine.torture import torture


def main() -> None:
    """Kill, count and print."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        figures = torture(Path(folder), kills)
    for name, value in figures.to_json().items():
        sys.stdout.write(f"{name:12} {value}\n")
    sys.stdout.write(f"{'seconds':12} {time.perf_counter() - began:.0f}\n")


if __name__ == "__main__":
    main()
