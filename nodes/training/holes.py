"""What the inpainting model is taught: a picture, a hole, and words for what belongs in the hole.

Three kinds of example, drawn from (seed of the scene): an object's surroundings are cut out and the
words name the object; everything is cut out and the words name the whole scene (text to image); the
place of an object that was taken away is cut out and the words say that nothing belongs there.
"""

import math
import random
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from nodes.training.scenes import Scene, SceneObject, caption, phrase, sample_scene, without

Box = tuple[float, float, float, float]
"""x0 y0 x1 y1 in pixels."""

NOTHING = "nothing"
"""The prompt that asks for a hole to be filled with bare background."""


@dataclass(frozen=True)
class Example:
    """One thing to learn.

    Attributes:
        scene: What the finished picture shows.
        mask: Hole, 1 H W in {0, 1}.
        prompt: Words for what is in the hole.
    """

    scene: Scene
    mask: Tensor
    prompt: str


def sample_example(seed: int, size: int, objects: tuple[int, int] = (1, 3)) -> Example:
    """Draw the example that belongs to `seed`: 65% an object, 20% the whole scene, 15% nothing."""
    rng = random.Random(f"example {seed}")
    scene = sample_scene(seed, objects)
    index = rng.randrange(len(scene.objects))
    kind = rng.random()
    if kind < 0.20:
        return Example(scene, torch.ones(1, size, size), caption(scene))
    mask = hole_around(scene.objects[index], size, rng)
    if kind < 0.35:
        return Example(without(scene, index), mask, NOTHING)
    return Example(scene, mask, _some_words(scene.objects[index], rng))


def widened(box: Box, margin: float) -> Box:
    """`box` with `margin` pixels more on each side."""
    x0, y0, x1, y1 = box
    return x0 - margin, y0 - margin, x1 + margin, y1 + margin


def hole_around(thing: SceneObject, size: int, rng: random.Random) -> Tensor:
    """A box or an ellipse that covers `thing` with uneven margins, 1 H W in {0, 1}."""
    x0, y0, x1, y1 = thing.box_at(size)
    margin = 0.10 * size
    left, top, right, bottom = (rng.uniform(0.02 * size, margin) for _ in range(4))
    x0, y0, x1, y1 = x0 - left, y0 - top, x1 + right, y1 + bottom
    if rng.random() < 0.5:
        return ellipse_around((x0, y0, x1, y1), size)
    return box_mask((x0, y0, x1, y1), size)


def any_hole(seed: int, size: int) -> Tensor:
    """The hole that belongs to `seed`, for a picture of which no object is known, 1 H W in {0, 1}.

    A box, an ellipse or strokes of a brush anywhere, and now and then everything.
    """
    rng = random.Random(f"hole {seed}")
    width, height = (rng.uniform(0.25, 0.7) * size for _ in range(2))
    x0, y0 = rng.uniform(0, size - width), rng.uniform(0, size - height)
    box, kind = (x0, y0, x0 + width, y0 + height), rng.random()
    if kind < 0.1:
        return torch.ones(1, size, size)
    if kind < 0.4:
        return box_mask(box, size)
    return ellipse_around(box, size) if kind < 0.7 else brushed_over(box, size, rng)


def box_mask(box: Box, size: int) -> Tensor:
    """1 inside `box` = (x0, y0, x1, y1) in pixels, 1 H W."""
    x, y = _pixel_centres(size)
    x0, y0, x1, y1 = box
    return ((x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)).float()[None]


def ellipse_around(box: Box, size: int) -> Tensor:
    """1 inside the ellipse that passes through the corners of `box`, 1 H W."""
    x, y = _pixel_centres(size)
    x0, y0, x1, y1 = box
    half_width, half_height = (x1 - x0) / math.sqrt(2), (y1 - y0) / math.sqrt(2)
    across = (x - (x0 + x1) / 2) / half_width
    down = (y - (y0 + y1) / 2) / half_height
    return (across**2 + down**2 <= 1).float()[None]


def brushed_over(box: Box, size: int, rng: random.Random) -> Tensor:
    """What a hand with a brush leaves that paints `box` over and swings out, 1 H W in {0, 1}."""
    x0, y0, x1, y1 = box
    strokes = max(2, round((y1 - y0) / (0.12 * size)))
    step = (y1 - y0) / strokes
    points = [
        (side + rng.uniform(-0.5, 0.5) * step, y0 + (k + 0.5) * step)
        for k in range(strokes)
        for side in ((x0, x1) if k % 2 else (x1, x0))
    ]
    away = rng.uniform(0, 2 * math.pi)
    x, y = points[-1]
    points.append((x + 0.25 * size * math.cos(away), y + 0.25 * size * math.sin(away)))
    return _brushed(points, 0.75 * step, size)


def _brushed(points: list[tuple[float, float]], radius: float, size: int) -> Tensor:
    """1 within `radius` of a line through points, 1 H W."""
    x, y = _pixel_centres(size)
    mask = torch.zeros(size, size)
    for (ax, ay), (bx, by) in pairwise(points):
        length = max((bx - ax) ** 2 + (by - ay) ** 2, 1e-6)
        along = (((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length).clamp(0, 1)
        apart = (x - ax - along * (bx - ax)) ** 2 + (y - ay - along * (by - ay)) ** 2
        mask = torch.maximum(mask, (apart <= radius**2).float())
    return mask[None]


def _pixel_centres(size: int) -> tuple[Tensor, Tensor]:
    centres = torch.arange(size) + 0.5
    return centres[None, :].expand(size, size), centres[:, None].expand(size, size)


def _some_words(thing: SceneObject, rng: random.Random) -> str:
    full = phrase(thing)
    if rng.random() < 0.6:
        return full
    article = "an" if thing.colour == "orange" else "a"
    return f"{article} {thing.colour} {thing.shape}"
