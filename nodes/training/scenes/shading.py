"""The light that the objects and the floor send to the camera.

Lambert, a Blinn highlight (Blinn 1977), ambient light from a sky above and a floor below, a faint
rim at grazing angles (Schlick 1994), and what other objects take away of the sun.
"""

import torch
from torch import Tensor

from nodes.training.scenes.backdrop import Backdrop, linear
from nodes.training.scenes.camera import Floor
from nodes.training.scenes.frame import Frame
from nodes.training.scenes.scene import Scene, SceneObject
from nodes.training.scenes.shadow import contact, shade
from nodes.training.scenes.solids import Surface, Vector, dot, unit

PAINT = {
    "red": (214, 40, 52),
    "orange": (245, 134, 30),
    "yellow": (250, 212, 52),
    "green": (48, 166, 74),
    "cyan": (52, 196, 206),
    "blue": (42, 92, 214),
    "purple": (122, 62, 190),
    "pink": (246, 134, 184),
}
"""The colour of each paint, sRGB."""

BOUNCE = 0.42
"""Share of the floor's light that reaches what hangs over it."""


def object_light(
    thing: SceneObject, scene: Scene, backdrop: Backdrop, surface: Surface, way: Vector
) -> Tensor:
    """The light of each sample of `thing` along the unit ray `way`, linear 3 h w."""
    light = Frame.of(thing).turn(scene.light)
    nx, ny, nz = surface.normal
    left = sun_left(thing, scene, surface)
    cosine = nx * light[0] + ny * light[1] + nz * light[2]
    # A lamp has some width: the smooth maximum with 0 turns light into shade gently.
    facing = 0.5 * (cosine + (cosine * cosine + 0.03).sqrt()) * left
    half = unit((light[0] - way[0], light[1] - way[1], light[2] - way[2]))
    mirrored = dot(surface.normal, half).clamp(min=0)
    gleam = (0.30 * mirrored.pow(40) + 0.06 * mirrored.pow(8)) * left * (cosine > 0)
    rim = 0.10 * (1 + dot(surface.normal, way)).clamp(0, 1).pow(4)

    sun, sky = spread(backdrop.sun), spread(backdrop.ambient)
    diffuse = _ambient(backdrop, surface.point[1], ny) + sun * facing
    return linear(PAINT[thing.colour]) * diffuse + sun * gleam + sky * rim


def sun_left(thing: SceneObject, scene: Scene, surface: Surface) -> Tensor:
    """How much of the sun other objects leave to each sample of `thing`, h w in [0, 1]."""
    frame = Frame.of(thing)
    light = frame.turn(scene.light)
    x, y, z = surface.point
    foot = frame.floor_out(x - y * (light[0] / light[1]), z - y * (light[2] / light[1]))
    left = torch.ones_like(x)
    for other in scene.objects:
        sunward = (other.x - thing.x) * scene.light[0] + (other.z - thing.z) * scene.light[2]
        if sunward > 0:
            caster = Frame.of(other)
            at = caster.floor_in(*foot)
            left = left * (1 - shade(other.shape, *at, caster.turn(scene.light)))
    return left


def floor_light(scene: Scene, backdrop: Backdrop, floor: Floor) -> Tensor:
    """The share of the floor's light that the objects leave, 3 H W in [0, 1].

    A cast shadow keeps `backdrop.shade` of it; near an object less of the sky is seen, but some of
    what is hidden comes back in the object's own colour.
    """
    sun, sky = torch.ones_like(floor.x), torch.ones(3, 1, 1)
    for thing in scene.objects:
        frame = Frame.of(thing)
        at = frame.floor_in(floor.x, floor.z)
        sun = sun * (1 - shade(thing.shape, *at, frame.turn(scene.light)))
        sky = sky * (1 - (0.55 - 0.35 * linear(PAINT[thing.colour])) * contact(thing.shape, *at))
    kept = spread(backdrop.shade)
    return (kept + (1 - kept) * sun) * sky


def spread(colour: tuple[float, float, float]) -> Tensor:
    """A linear colour as 3 1 1."""
    return torch.tensor(colour)[:, None, None]


def _ambient(backdrop: Backdrop, height: Tensor, up: Tensor) -> Tensor:
    """Light from all sides on a surface at `height` whose normal points `up`, 3 h w."""
    above = 0.5 + 0.5 * up
    bounce = linear(backdrop.near) * BOUNCE
    hidden = 0.5 * torch.exp(-3.0 * height.clamp(min=0)) * (1 - 0.5 * above)
    return (bounce + (spread(backdrop.ambient) - bounce) * above) * (1 - hidden)
