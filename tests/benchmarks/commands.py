"""How long the README's command takes, beside what importing torch alone takes.

Run by hand: python tests/benchmarks/commands.py. Medians of new processes; read the ratios.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
INPAINT = ("main.py", "--workflow", "workflows/inpaint.json")


def seconds(*words: str) -> float:
    """Wall-clock seconds of one new Python process."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *words], cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - began


def median(*words: str, repeat: int = 5) -> float:
    """Median over several new processes, the first one not counted."""
    seconds(*words)
    return statistics.median(seconds(*words) for _ in range(repeat))


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        places = ("--store", f"{folder}/store", "--output", f"{folder}/out")
        torch_alone = median("-c", "import torch")
        rows = {
            "import torch, nothing else (the peer)": torch_alone,
            "first picture, 25 steps": seconds(*INPAINT, *places),
            "the same command again, all cached": median(*INPAINT, *places),
            "another seed": seconds(*INPAINT, *places, "--set", "seed=1"),
            "--check": median(*INPAINT, "--check", *places),
            "--plan": median(*INPAINT, "--plan", *places),
        }
    for name, value in rows.items():
        sys.stdout.write(f"{name:40} {value:7.2f} s   {value / torch_alone:6.2f} x import torch\n")


if __name__ == "__main__":
    main()
