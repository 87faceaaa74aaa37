"""The rays of the camera's pixels, and the floor they see."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from nodes.training.scenes.geometry import EYE, FOCAL, PITCH
from nodes.training.scenes.solids import Vector

NEAREST, FURTHEST = -4.0, 6.5
"""World z at which the floor's gradient begins and ends."""


@dataclass(frozen=True)
class Floor:
    """The floor seen through every pixel, the same for all scenes of one picture size.

    Attributes:
        u: Picture coordinate of each column, 1 W.
        v: Picture coordinate of each row, H 1.
        x: World x of the floor there, H W.
        z: World z of the floor there, H 1.
        distance: 0 at the front of the floor, 1 at its back, H 1.
    """

    u: Tensor
    v: Tensor
    x: Tensor
    z: Tensor
    distance: Tensor

    def pool(self, light: tuple[float, float, float]) -> Tensor:
        """A broad pool of light that leans towards `light`, H W about 1."""
        far = (self.u - 0.45 * light[0]) ** 2 + (self.v - 0.1) ** 2
        return 0.80 + 0.30 * torch.exp(-0.8 * far)


def floor_of(size: int) -> Floor:
    """The floor on a `size` x `size` picture; above the horizon it stays at `FURTHEST`."""
    u, v = grid((0, 0, size, size), size, 1)
    _, down, ahead = directions(u, v)
    t = EYE[1] / (-down).clamp(min=EYE[1] / (FURTHEST - EYE[2]))
    z = (EYE[2] + t * ahead).clamp(max=FURTHEST)
    share = ((z - NEAREST) / (FURTHEST - NEAREST)).clamp(0, 1)
    return Floor(u, v, t * u, z, share)


def grid(pixels: tuple[int, int, int, int], size: int, samples: int) -> tuple[Tensor, Tensor]:
    """Coordinates u (1 w) and v (h 1) of `samples` x `samples` points in each pixel of a box."""
    x0, y0, x1, y1 = pixels
    step = 2 / (size * samples)
    u = (torch.arange(x0 * samples, x1 * samples) + 0.5) * step - 1
    v = 1 - (torch.arange(y0 * samples, y1 * samples) + 0.5) * step
    return u[None, :], v[:, None]


def directions(u: Tensor, v: Tensor) -> Vector:
    """World direction of the rays through (u, v), scaled to x = u."""
    cos, sin = math.cos(PITCH), math.sin(PITCH)
    return u, v * cos - FOCAL * sin, v * sin + FOCAL * cos
