"""The six grounds and skies behind the objects.

Everything is smooth, so that an autoencoder spends its capacity on the objects: two gradients, a
soft skyline, a faint slow texture on the floor and a pool of light. Colours are sRGB, as lit.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from nodes.training.scenes.camera import Floor
from nodes.training.scenes.scene import Scene

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Backdrop:
    """One background as data.

    Attributes:
        near: The floor at the front.
        far: The floor at the back.
        low: The wall or sky at the skyline.
        high: The wall or sky at the top.
        skyline: Its height v on the picture.
        softness: Half width of the skyline's blur.
        hills: Height of the skyline's waves.
        texture: Waves per world unit across x and along z.
        contrast: Strength of the texture.
        sun: Colour and strength of the direct light.
        ambient: Colour and strength of the light from everywhere.
        shade: What is left of the floor's light in full shadow.
    """

    near: Colour
    far: Colour
    low: Colour
    high: Colour
    skyline: float
    softness: float
    hills: float
    texture: tuple[float, float]
    contrast: float
    sun: tuple[float, float, float]
    ambient: tuple[float, float, float]
    shade: tuple[float, float, float]


BACKDROPS = {
    "wooden": Backdrop(
        near=(184, 140, 102),
        far=(206, 166, 128),
        low=(240, 231, 219),
        high=(216, 206, 196),
        skyline=0.34,
        softness=0.05,
        hills=0.0,
        texture=(1.6, 0.05),
        contrast=0.05,
        sun=(1.02, 0.95, 0.86),
        ambient=(0.33, 0.33, 0.35),
        shade=(0.42, 0.38, 0.38),
    ),
    "stone": Backdrop(
        near=(164, 161, 159),
        far=(190, 187, 184),
        low=(222, 219, 214),
        high=(186, 184, 184),
        skyline=0.38,
        softness=0.34,
        hills=0.0,
        texture=(0.45, 0.5),
        contrast=0.035,
        sun=(0.98, 0.96, 0.93),
        ambient=(0.34, 0.36, 0.39),
        shade=(0.40, 0.42, 0.46),
    ),
    "sand": Backdrop(
        near=(222, 198, 160),
        far=(232, 214, 182),
        low=(240, 226, 208),
        high=(168, 196, 216),
        skyline=0.36,
        softness=0.035,
        hills=0.05,
        texture=(0.15, 1.1),
        contrast=0.04,
        sun=(1.05, 0.97, 0.86),
        ambient=(0.34, 0.35, 0.38),
        shade=(0.47, 0.43, 0.44),
    ),
    "grass": Backdrop(
        near=(126, 144, 90),
        far=(158, 170, 116),
        low=(226, 234, 228),
        high=(150, 186, 214),
        skyline=0.36,
        softness=0.04,
        hills=0.06,
        texture=(0.4, 0.6),
        contrast=0.05,
        sun=(1.04, 0.99, 0.90),
        ambient=(0.33, 0.36, 0.38),
        shade=(0.42, 0.46, 0.44),
    ),
    "snow": Backdrop(
        near=(226, 233, 241),
        far=(236, 240, 245),
        low=(214, 225, 237),
        high=(158, 182, 208),
        skyline=0.36,
        softness=0.05,
        hills=0.05,
        texture=(0.3, 0.4),
        contrast=0.025,
        sun=(0.98, 0.94, 0.90),
        ambient=(0.38, 0.40, 0.44),
        shade=(0.55, 0.62, 0.74),
    ),
    "night": Backdrop(
        near=(48, 56, 88),
        far=(66, 76, 114),
        low=(92, 98, 142),
        high=(28, 33, 62),
        skyline=0.36,
        softness=0.05,
        hills=0.05,
        texture=(0.3, 0.4),
        contrast=0.04,
        sun=(0.86, 0.88, 0.98),
        ambient=(0.24, 0.25, 0.33),
        shade=(0.38, 0.40, 0.48),
    ),
}


def draw_backdrop(backdrop: Backdrop, floor: Floor, scene: Scene) -> tuple[Tensor, Tensor]:
    """The empty picture in linear light, 3 H W, and where it shows floor, H W in [0, 1]."""
    u, v, phase = floor.u, floor.v, scene.phase
    wave = 0.6 * torch.sin(2.1 * u + phase) + 0.4 * torch.sin(4.3 * u + 2 * phase)
    skyline = backdrop.skyline + backdrop.hills * wave
    height = ((v - skyline) / backdrop.softness).clamp(-1, 1)
    ground = 0.5 - height * (0.75 - 0.25 * height * height)

    grain = torch.sin(
        6.28 * (backdrop.texture[0] * floor.x + backdrop.texture[1] * floor.z)
        + phase
        + 1.5 * torch.sin(0.9 * floor.x - 0.7 * floor.z + phase)
    )
    pool = floor.pool(scene.light)
    sky = _blend(backdrop.low, backdrop.high, ((v - skyline) / (1 - backdrop.skyline)).clamp(0, 1))
    base = _blend(backdrop.near, backdrop.far, floor.distance)
    lit = base * (1 + backdrop.contrast * grain * (1 - floor.distance))
    return (sky + (lit - sky) * ground) * pool, ground


def linear(colour: Colour) -> Tensor:
    """An sRGB colour in linear light, 3 1 1, by the plain power 2.2."""
    return (torch.tensor(colour, dtype=torch.float32) / 255).pow(2.2)[:, None, None]


def _blend(a: Colour, b: Colour, share: Tensor) -> Tensor:
    start = linear(a)
    return start + (linear(b) - start) * share
