"""Scenes sampled and drawn per second on one thread; run `python tests/benchmarks/scenes.py`."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from nodes.training.scenes import render, sample_scene

COUNT = 200


def per_second(work: Callable[[], object]) -> float:
    """Scenes per second of `work`, which handles `COUNT` of them; the best of three runs."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return COUNT / min(times)


def main() -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    scenes = [sample_scene(seed) for seed in range(COUNT)]
    sampled = per_second(lambda: [sample_scene(seed) for seed in range(COUNT)])
    lines = [f"sample_scene  {sampled:6.0f} scenes/s"]
    for size in (64, 128):
        drawn = per_second(lambda size=size: render(scenes, size))  # type: ignore[misc]
        lines.append(f"render {size:4} px {drawn:6.0f} scenes/s")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
