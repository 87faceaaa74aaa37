"""Whether the same file gives the same picture: makes pictures, then makes each again from itself.

Run by hand: python -m tests.benchmarks.verify [COUNT]. The pictures are drawn by the shipped
workflows with few steps, other seeds and prompts each; every `--verify` is a process of its own.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROMPTS = ("a large blue sphere", "a small red cone", "nothing", "a large green cube")


def command(*words: str) -> subprocess.CompletedProcess[str]:
    """Run main.py as a person does."""
    line = [sys.executable, str(ROOT / "main.py"), *words]
    return subprocess.run(line, capture_output=True, text=True, check=False)


def make(number: int, folder: Path) -> None:
    """Make one picture: every other one is inpainted."""
    name = ("text_to_image", "inpaint")[number % 2]
    prompt = PROMPTS[number // 2 % len(PROMPTS)]
    values = {"steps": 2, "seed": 1000 + number, "prompt": prompt}
    sets = [word for key, value in values.items() for word in ("--set", f"{key}={value}")]
    done = command(
        "--workflow", str(ROOT / "workflows" / f"{name}.json"), *sets,
        "--store", str(folder / "store"), "--output", str(folder / "made" / str(number)),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def main() -> None:
    """Make, verify, count."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.perf_counter()
        for number in range(count):
            make(number, folder)
        made = time.perf_counter() - began
        pictures = [min(place.rglob("*.png")) for place in sorted((folder / "made").iterdir())]
        codes = Counter(command("--verify", str(picture)).returncode for picture in pictures)
        seconds = time.perf_counter() - began - made
    sys.stdout.write(
        f"{count} pictures made in {made:.0f} s, verified in {seconds:.0f} s: "
        f"{codes[0]} identical, {count - codes[0]} not\n"
    )


if __name__ == "__main__":
    main()
