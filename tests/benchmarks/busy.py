"""What another busy program costs a run: threads that spin for work, and ours that soon sleep.

Run by hand: python tests/benchmarks/busy.py [--steps N]. The same picture is made on the machine as
it is and beside one loop for each core but one, with OpenMP's own patience (GNU's spins 300,000
times) and with that of `main.py`. The loops are sessions of their own, as another terminal's or a
service's are, with which Linux shares cores session by session. Told are seconds of the steps.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = {"OpenMP's own": "300000", "ours": None}


@contextmanager
def busy(cores: int) -> Iterator[None]:
    """Other programs that use so many cores."""
    with ExitStack() as programs:
        for _ in range(cores):
            loop = subprocess.Popen(
                [sys.executable, "-c", "while True: pass"], start_new_session=True
            )
            programs.callback(loop.wait)
            programs.callback(loop.kill)
        yield


def seconds(spins: str | None, steps: int) -> float:
    """One run of the text-to-image workflow; nothing is taken from a store."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OMP")}
    environment |= {"GOMP_SPINCOUNT": spins} if spins else {}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "main.py", "--workflow", "workflows/text_to_image.json"]
        places = ["--store", f"{folder}/store", "--output", folder]
        began = time.monotonic()
        subprocess.run([*command, *places, "--set", f"steps={steps}", "--json"], cwd=ROOT,
                       env=environment, check=True, stdout=subprocess.DEVNULL)  # fmt: skip
        return time.monotonic() - began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=30)
    steps = parser.parse_args().steps
    sys.stdout.write(f"{'':14}{'alone':>10}{'beside':>10}\n")
    for name, spins in PATIENCE.items():
        found = []
        for others in (0, (os.cpu_count() or 2) - 1):
            with busy(others):
                found.append(seconds(spins, steps) - seconds(spins, 1))
        told = f"{found[0]:9.1f}s{found[1]:9.1f}s   {found[1] / found[0]:.1f} times"
        sys.stdout.write(f"{name:14}{told}\n")


if __name__ == "__main__":
    main()
