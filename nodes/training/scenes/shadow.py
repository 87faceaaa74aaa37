"""Soft shadows on the floor, in closed form.

The shadow that a solid on the floor casts along a distant light is the hull of its footprint and
of its top's footprint, moved away from the light; its edge blurs with the height of the edge that
casts it. A point above the floor is slid along the light down to the floor first. All lengths are
in the caster's frame, in which it is a unit solid.
"""

import math

import torch
from torch import Tensor

from nodes.training.scenes.geometry import PROFILE

BLUR_NEAR, BLUR_FAR = 0.05, 0.30
"""Half width of the shadow's edge at the foot and at the tip."""


def shade(shape: str, x: Tensor, z: Tensor, light: tuple[float, float, float]) -> Tensor:
    """How much of the light `shape` takes from the floor points (x, z), in [0, 1]."""
    flat = math.hypot(light[0], light[2])
    away = (-light[0] / flat, -light[2] / flat)
    slope = flat / light[1]
    u = x * away[0] + z * away[1]
    if shape == "cube":
        distance, share = _swept_square(x, z, u, away, slope)
    else:
        v = z * away[0] - x * away[1]
        distance, share = _swept_disc(shape, u, v, slope)
    blur = BLUR_NEAR + (BLUR_FAR - BLUR_NEAR) * share
    depth = (0.5 - 0.5 * distance / blur).clamp(0, 1)
    return depth * depth * (3 - 2 * depth)


def contact(shape: str, x: Tensor, z: Tensor) -> Tensor:
    """How much of the sky `shape` hides from the floor points (x, z), in [0, 1]."""
    half = PROFILE[shape][0]
    if shape == "cube":
        dx, dz = x.abs() - half, z.abs() - half
        distance = torch.hypot(dx.clamp(min=0), dz.clamp(min=0))
    else:
        distance = (torch.hypot(x, z) - (0.35 if shape == "sphere" else half)).clamp(min=0)
    return torch.exp(-3.2 * distance)


def _swept_disc(shape: str, u: Tensor, v: Tensor, slope: float) -> tuple[Tensor, Tensor]:
    """Signed distance to a disc swept along u, and how far along it is, 0 to 1."""
    radius, height = PROFILE[shape]
    start, end, tip = 0.0, height * slope, radius
    if shape == "cone":
        tip = 0.0
    elif shape == "sphere":
        # An ellipse about u = slope, drawn as the capsule with the same length and width.
        stretch = math.hypot(1, slope) - 1
        start, end = slope - stretch, slope + stretch
    share = ((u - start) / (end - start)).clamp(0, 1)
    across = torch.hypot(u - (start + share * (end - start)), v)
    return across - (radius + share * (tip - radius)), share


def _swept_square(
    x: Tensor, z: Tensor, u: Tensor, away: tuple[float, float], slope: float
) -> tuple[Tensor, Tensor]:
    """The same for a square: three slabs bound the hexagon, one per direction of its sides."""
    half, height = PROFILE["cube"]
    reach = height * slope
    dx, dz = away[0] * reach / 2, away[1] * reach / 2
    v = z * away[0] - x * away[1]
    across = v.abs() - half * (abs(away[0]) + abs(away[1]))
    sides = ((x - dx).abs() - abs(dx)).maximum((z - dz).abs() - abs(dz)) - half
    return across.maximum(sides), (u / reach).clamp(0, 1)
