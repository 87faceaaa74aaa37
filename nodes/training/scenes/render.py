"""Scenes as pictures: analytic ray casting, soft shadows, one distant light.

Objects are painted from far to near, each in its own window at 2 x 2 samples per pixel. A scene is
drawn on its own, so its picture does not depend on the batch it is in. Shading: Lambert, a Blinn
highlight (Blinn 1977), hemisphere ambient with light bounced from the floor, a faint Fresnel rim
(Schlick 1994).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from nodes.training.scenes.backdrop import BACKDROPS, Backdrop, draw_backdrop, linear
from nodes.training.scenes.camera import Floor, directions, floor_of, grid
from nodes.training.scenes.geometry import EYE
from nodes.training.scenes.scene import Scene, SceneObject
from nodes.training.scenes.shadow import contact, shade
from nodes.training.scenes.solids import SEE, Place, Surface, Vector, dot, unit
from nodes.training.scenes.vocabulary import COLOURS, SHAPES

SAMPLES = 2

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


@dataclass(frozen=True)
class RenderedBatch:
    """Pictures and what is where in them.

    Attributes:
        image: float32 B 3 H W in [0, 1].
        segmentation: int64 B H W; 0 background, k the object with index k - 1 in its scene.
        classes: int64 B H W; 0 background, 1 + 8 * shape + colour, by index in the vocabulary.
    """

    image: Tensor
    segmentation: Tensor
    classes: Tensor


def render(scenes: Sequence[Scene], size: int = 128) -> RenderedBatch:
    """Draw `scenes` at `size` x `size` pixels."""
    if not scenes:
        raise ValueError("scenes: there are none; give at least one")
    floor = floor_of(size)
    drawn = [_draw(scene, floor, size) for scene in scenes]
    images, segmentations, classes = zip(*drawn, strict=True)
    return RenderedBatch(torch.stack(images), torch.stack(segmentations), torch.stack(classes))


def _draw(scene: Scene, floor: Floor, size: int) -> tuple[Tensor, Tensor, Tensor]:
    backdrop = BACKDROPS[scene.background]
    picture, ground = draw_backdrop(backdrop, floor, scene)
    picture = picture * _floor_light(scene, backdrop, floor, ground)
    segmentation = torch.zeros(size, size, dtype=torch.int64)
    classes = torch.zeros(size, size, dtype=torch.int64)
    for k in sorted(range(len(scene.objects)), key=lambda k: -scene.objects[k].remoteness):
        thing = scene.objects[k]
        x0, y0, x1, y1 = window = _window(thing, size)
        here = (slice(y0, y1), slice(x0, x1))
        light, cover = _paint(thing, scene, backdrop, window, size)
        picture[:, *here] = picture[:, *here] * (1 - cover) + light
        segmentation[here].masked_fill_(cover >= 0.5, k + 1)
        classes[here].masked_fill_(cover >= 0.5, class_of(thing))
    return _develop(picture), segmentation, classes


def class_of(thing: SceneObject) -> int:
    """The number of an object's shape and colour in the class map, 1 to 32."""
    return 1 + len(COLOURS) * SHAPES.index(thing.shape) + COLOURS.index(thing.colour)


def _floor_light(scene: Scene, backdrop: Backdrop, floor: Floor, ground: Tensor) -> Tensor:
    """What shadows leave of the floor's light, 3 H W in [0, 1]."""
    left, open_sky = torch.ones_like(floor.x), torch.ones_like(floor.x)
    for thing in scene.objects:
        x, z = _into(thing, floor.x, floor.z)
        left = left * (1 - shade(thing.shape, x, z, _turned(thing, scene.light)))
        open_sky = open_sky * (1 - 0.45 * contact(thing.shape, x, z))
    kept = torch.tensor(backdrop.shade)[:, None, None]
    return 1 - ground * (1 - (kept + (1 - kept) * left) * open_sky)


def _paint(
    thing: SceneObject, scene: Scene, backdrop: Backdrop, window: tuple[int, ...], size: int
) -> tuple[Tensor, Tensor]:
    """One object in its window: its light times its cover, 3 h w, and its cover, h w in [0, 1]."""
    x0, y0, x1, y1 = window
    u, v = grid((x0, y0, x1, y1), size, SAMPLES)
    way = _turn(thing, directions(u, v))
    origin = _into_place(thing)
    surface = SEE[thing.shape](origin, way)
    sun = _sun_share(thing, scene, surface)
    light = _shaded(thing, backdrop, surface, unit(way), _turned(thing, scene.light), sun)
    hit = surface.hit.float()
    layers = torch.cat((light * hit, hit[None]))
    layers = F.avg_pool2d(layers, SAMPLES)
    return layers[:3], layers[3]


def _shaded(
    thing: SceneObject,
    backdrop: Backdrop,
    surface: Surface,
    way: Vector,
    light: Place,
    sun: Tensor,
) -> Tensor:
    """The light each sample sends to the camera, linear 3 h w."""
    nx, ny, nz = surface.normal
    facing = (nx * light[0] + ny * light[1] + nz * light[2]).clamp(min=0) * sun
    half = unit((light[0] - way[0], light[1] - way[1], light[2] - way[2]))
    gleam = dot(surface.normal, half).clamp(min=0)
    gleam = (0.30 * gleam.pow(40) + 0.06 * gleam.pow(8)) * sun * (facing > 0)
    edge = (1 + dot(surface.normal, way)).clamp(0, 1)
    rim = 0.10 * edge.pow(4)
    near_floor = torch.exp(-3.0 * surface.point[1].clamp(min=0))
    above = 0.5 + 0.5 * ny

    paint = linear(PAINT[thing.colour])
    sun_colour = torch.tensor(backdrop.sun)[:, None, None]
    sky = torch.tensor(backdrop.ambient)[:, None, None]
    bounce = linear(backdrop.near) * 0.30
    ambient = (bounce + (sky - bounce) * above) * (1 - 0.55 * near_floor * (1 - above * 0.5))
    return paint * (ambient + sun_colour * facing) + sun_colour * gleam + sky * rim


def _sun_share(thing: SceneObject, scene: Scene, surface: Surface) -> Tensor:
    """How much of the direct light other objects leave to each sample, h w in [0, 1]."""
    share = torch.ones_like(surface.point[0])
    light = _turned(thing, scene.light)
    x, y, z = surface.point
    foot_x, foot_z = x - y * (light[0] / light[1]), z - y * (light[2] / light[1])
    world_x, world_z = _out_of(thing, foot_x, foot_z)
    for other in scene.objects:
        towards = (other.x - thing.x) * scene.light[0] + (other.z - thing.z) * scene.light[2]
        if other is thing or towards <= 0:
            continue
        caster_x, caster_z = _into(other, world_x, world_z)
        share = share * (1 - shade(other.shape, caster_x, caster_z, _turned(other, scene.light)))
    return share


def _develop(picture: Tensor) -> Tensor:
    """Linear light to a picture in [0, 1]: a soft shoulder above 0.8, then the power 1 / 2.2."""
    over = (picture - 0.8).clamp(min=0)
    soft = picture.clamp(max=0.8) + 0.2 * over / (0.2 + over)
    return soft.pow(1 / 2.2)


def _window(thing: SceneObject, size: int) -> tuple[int, int, int, int]:
    """The whole pixels around an object's box, cut to the picture."""
    x0, y0, x1, y1 = thing.box_at(size)
    return (
        max(0, math.floor(x0)),
        max(0, math.floor(y0)),
        min(size, math.ceil(x1)),
        min(size, math.ceil(y1)),
    )


def _into(thing: SceneObject, x: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    """World (x, z) in the frame in which `thing` is a unit solid."""
    cos, sin = math.cos(thing.yaw) / thing.radius, math.sin(thing.yaw) / thing.radius
    dx, dz = x - thing.x, z - thing.z
    return dx * cos + dz * sin, dz * cos - dx * sin


def _out_of(thing: SceneObject, x: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    """The inverse of `_into`."""
    cos, sin = math.cos(thing.yaw) * thing.radius, math.sin(thing.yaw) * thing.radius
    return thing.x + x * cos - z * sin, thing.z + z * cos + x * sin


def _into_place(thing: SceneObject) -> Place:
    """The eye in the frame in which `thing` is a unit solid."""
    x, y, z = _turned(thing, (EYE[0] - thing.x, EYE[1], EYE[2] - thing.z))
    return x / thing.radius, y / thing.radius, z / thing.radius


def _turned(thing: SceneObject, way: Place) -> Place:
    """A world direction in the frame of `thing`."""
    cos, sin = math.cos(thing.yaw), math.sin(thing.yaw)
    return way[0] * cos + way[2] * sin, way[1], way[2] * cos - way[0] * sin


def _turn(thing: SceneObject, way: Vector) -> Vector:
    cos, sin = math.cos(thing.yaw), math.sin(thing.yaw)
    return way[0] * cos + way[2] * sin, way[1], way[2] * cos - way[0] * sin
