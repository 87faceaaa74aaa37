"""Pictures in memory as bytes, drawn once or somebody's own: what stage one and the judge learn."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from nodes.training.scenes import Scene, render, sample_scene


@dataclass(frozen=True)
class ScenePool:
    """Rendered pictures and the scenes they show.

    Attributes:
        scenes: What is in each picture; none where nobody knows.
        images: uint8 N 3 H W, 0..255.
    """

    scenes: tuple[Scene, ...]
    images: Tensor

    def __len__(self) -> int:
        return len(self.images)

    def pictures(self, start: int, stop: int) -> Tensor:
        """Pictures `start` to `stop`, float32 B 3 H W in [-1, 1]."""
        return self.images[start:stop].float() / 127.5 - 1

    def crops(self, batch: int, size: int, generator: torch.Generator) -> Tensor:
        """`batch` random windows, mirrored half the time, B 3 size size in [-1, 1]."""
        height, width = self.images.shape[-2:]
        tops = torch.randint(0, height - size + 1, (batch,), generator=generator).tolist()
        lefts = torch.randint(0, width - size + 1, (batch,), generator=generator).tolist()
        picks = torch.randint(0, len(self), (batch,), generator=generator).tolist()
        flips = torch.rand(batch, generator=generator) < 0.5
        windows = [
            self.images[i, :, y : y + size, x : x + size]
            for i, y, x in zip(picks, tops, lefts, strict=True)
        ]
        x = torch.stack(windows).float() / 127.5 - 1
        return torch.where(flips[:, None, None, None], x.flip(3), x)


def draw_pool(
    seed: int,
    count: int,
    size: int,
    objects: tuple[int, int] = (1, 4),
    report: Callable[[int, int], None] = lambda done, total: None,
) -> ScenePool:
    """Draw `count` scenes of seeds `seed`, `seed + 1`, ... at `size` x `size` pixels."""
    scenes = tuple(sample_scene(seed + i, objects) for i in range(count))
    images = torch.empty(count, 3, size, size, dtype=torch.uint8)
    for start in range(0, count, 32):
        part = render(scenes[start : start + 32], size).image
        images[start : start + 32] = to_bytes(part)
        report(min(start + 32, count), count)
    return ScenePool(scenes, images)


def to_bytes(image: Tensor) -> Tensor:
    """Round a picture in [0, 1] to uint8 0..255."""
    return (image.clamp(0, 1) * 255).round().to(torch.uint8)
