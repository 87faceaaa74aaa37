"""Scenes as pictures: analytic ray casting under one distant light.

Objects are painted from far to near, each in its own window at 3 x 3 samples per pixel. A scene is
drawn on its own, so its picture does not depend on the batch it is in.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from nodes.training.scenes.backdrop import BACKDROPS, Backdrop, draw_backdrop
from nodes.training.scenes.camera import Floor, directions, floor_of, grid
from nodes.training.scenes.frame import Frame
from nodes.training.scenes.scene import Scene, SceneObject
from nodes.training.scenes.shading import floor_light, object_light
from nodes.training.scenes.solids import SEE, unit
from nodes.training.scenes.vocabulary import COLOURS, SHAPES

SAMPLES = 3
"""Rays per pixel and axis."""

Window = tuple[int, int, int, int]


@dataclass(frozen=True)
class RenderedBatch:
    """Pictures and what is where in them.

    Attributes:
        image: float32 B 3 H W in [0, 1].
        segmentation: int64 B H W; 0 background, k the object with index k - 1 in its scene.
        classes: int64 B H W; 0 background, else `class_of` the object.
    """

    image: Tensor
    segmentation: Tensor
    classes: Tensor


def render(scenes: Sequence[Scene], size: int = 128) -> RenderedBatch:
    """Draw `scenes` at `size` x `size` pixels.

    Raises:
        ValueError: `scenes` is empty.
    """
    if not scenes:
        raise ValueError("render: got no scenes; give at least one")
    floor = floor_of(size)
    drawn = [_draw(scene, floor, size) for scene in scenes]
    images, segmentations, classes = zip(*drawn, strict=True)
    return RenderedBatch(torch.stack(images), torch.stack(segmentations), torch.stack(classes))


def class_of(thing: SceneObject) -> int:
    """The number of an object's shape and colour in the class map: 1 + 8 * shape + colour."""
    return 1 + len(COLOURS) * SHAPES.index(thing.shape) + COLOURS.index(thing.colour)


def _draw(scene: Scene, floor: Floor, size: int) -> tuple[Tensor, Tensor, Tensor]:
    backdrop = BACKDROPS[scene.background]
    picture, ground = draw_backdrop(backdrop, floor, scene)
    picture = picture * (1 - ground * (1 - floor_light(scene, backdrop, floor)))
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


def _paint(
    thing: SceneObject, scene: Scene, backdrop: Backdrop, window: Window, size: int
) -> tuple[Tensor, Tensor]:
    """One object in its window: its light times its cover, 3 h w, and its cover, h w in [0, 1]."""
    frame = Frame.of(thing)
    way = frame.turn(directions(*grid(window, size, SAMPLES)))
    surface = SEE[thing.shape](frame.eye, way)
    light = object_light(thing, scene, backdrop, surface, unit(way))
    hit = surface.hit.float()
    layers = F.avg_pool2d(torch.cat((light * hit, hit[None])), SAMPLES)
    return layers[:3], layers[3]


def _window(thing: SceneObject, size: int) -> Window:
    """The whole pixels around an object's box, cut to the picture."""
    x0, y0, x1, y1 = thing.box_at(size)
    return (
        max(0, math.floor(x0)),
        max(0, math.floor(y0)),
        min(size, math.ceil(x1)),
        min(size, math.ceil(y1)),
    )


def _develop(picture: Tensor) -> Tensor:
    """Linear light as a picture in [0, 1]: a soft shoulder above 0.8, then the power 1 / 2.2."""
    over = (picture - 0.8).clamp(min=0)
    soft = picture.clamp(max=0.8) + 0.2 * over / (0.2 + over)
    return soft.pow(1 / 2.2)
