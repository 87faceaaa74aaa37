"""What a scene is, and how one is drawn from a seed.

A seed gives the same scene on every machine: only `random.Random(seed)` and arithmetic decide.
By convention training draws seeds below `HELD_OUT`; held-out scenes have the seeds from there up.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from nodes.training.scenes.geometry import (
    EYE,
    FOOTPRINT,
    RADIUS,
    Box,
    Point,
    area,
    bounds,
    intersection,
    outline,
)
from nodes.training.scenes.vocabulary import BACKGROUNDS, COLOURS, SHAPES, SIZES

HELD_OUT = 2_000_000_000
"""The first seed that no training run draws."""
SIDE = 128
"""Boxes are in pixels of a picture with this side."""
VISIBLE = 0.78
"""The least share of an outline that is not hidden: 75% of its pixels, and room for rounding."""
GAP = 0.12
"""The least distance between two footprints, in world units."""
EDGE = 4.0
"""The least distance of an object from the picture's edge, in pixels."""
PATIENCE = 30
"""Placements tried for one object before the whole layout is begun again."""


@dataclass(frozen=True)
class SceneObject:
    """One solid on the floor.

    Attributes:
        shape: One of `SHAPES`.
        colour: One of `COLOURS`.
        size: One of `SIZES`.
        x: World position, to the right.
        z: World position, away from the camera.
        yaw: Turn about the vertical in radians; only a cube shows it.
    """

    shape: str
    colour: str
    size: str
    x: float
    z: float
    yaw: float

    def __post_init__(self) -> None:
        _check("shape", self.shape, SHAPES)
        _check("colour", self.colour, COLOURS)
        _check("size", self.size, SIZES)

    @property
    def radius(self) -> float:
        """The scale of its unit solid in world units."""
        return RADIUS[self.size]

    @property
    def box(self) -> Box:
        """The box (x0, y0, x1, y1) around its whole outline, in pixels of a 128 x 128 picture."""
        return self.box_at(SIDE)

    def box_at(self, size: int) -> Box:
        """The box around its whole outline, in pixels of a `size` x `size` picture."""
        return bounds(self.outline, size)

    @cached_property
    def outline(self) -> list[Point]:
        """Its convex outline on the picture, u and v in [-1, 1]."""
        return outline(self.shape, self.radius, self.x, self.z, self.yaw)

    @property
    def remoteness(self) -> float:
        """Power of the eye about its footprint: of two disjoint solids the nearer has the smaller.

        The line of equal power separates the two discs, so painting from large to small hides
        exactly what is hidden.
        """
        reach = FOOTPRINT * self.radius
        return (self.x - EYE[0]) ** 2 + (self.z - EYE[2]) ** 2 - reach**2


@dataclass(frozen=True)
class Scene:
    """Everything needed to draw one picture.

    Attributes:
        objects: What stands on the floor, from left to right.
        background: One of `BACKGROUNDS`.
        azimuth: Where the light comes from: 0 behind the camera, positive from the right; radians.
        elevation: Height of the light above the floor, radians.
        phase: Shifts the floor's texture and the skyline, radians.
        seed: The seed the scene was sampled from.
    """

    objects: tuple[SceneObject, ...]
    background: str
    azimuth: float
    elevation: float
    phase: float
    seed: int

    def __post_init__(self) -> None:
        _check("background", self.background, BACKGROUNDS)

    @property
    def light(self) -> tuple[float, float, float]:
        """Unit vector towards the light."""
        flat = math.cos(self.elevation)
        return (
            flat * math.sin(self.azimuth),
            math.sin(self.elevation),
            -flat * math.cos(self.azimuth),
        )


def sample_scene(seed: int, objects: tuple[int, int] = (1, 4)) -> Scene:
    """Draw the scene of `seed` with `objects` = (fewest, most) objects, no two called the same.

    Objects keep a gap between them and lie inside the picture; at least 75% of each is seen.

    Raises:
        ValueError: `objects` is not 1 <= fewest <= most <= 4.
    """
    fewest, most = objects
    if not 1 <= fewest <= most <= 4:
        raise ValueError(f"objects: {objects} does not satisfy 1 <= fewest <= most <= 4")
    rng = random.Random(seed)
    background = rng.choice(BACKGROUNDS)
    side = rng.choice((-1, 1))
    azimuth = side * math.radians(rng.uniform(45, 100))
    elevation = math.radians(rng.uniform(44, 58))
    phase = rng.uniform(0, 2 * math.pi)
    placed = _layout(rng, rng.randint(fewest, most))
    return Scene(placed, background, azimuth, elevation, phase, seed)


def without(scene: Scene, index: int) -> Scene:
    """The same scene, camera and light with object `index` taken away."""
    return replace(scene, objects=scene.objects[:index] + scene.objects[index + 1 :])


def replaced(
    scene: Scene,
    index: int,
    shape: str | None = None,
    colour: str | None = None,
    size: str | None = None,
) -> Scene:
    """The same scene with object `index` changed where it stands; None keeps an attribute.

    Larger objects may hide more of their neighbours than `sample_scene` allows.

    Raises:
        ValueError: The object would grow into a neighbour, or a word is unknown.
    """
    old = scene.objects[index]
    new = replace(old, shape=shape or old.shape, colour=colour or old.colour, size=size or old.size)
    others = scene.objects[:index] + scene.objects[index + 1 :]
    if any(gap_between(new, other) < 0 for other in others):
        raise ValueError(f"object {index}: a {new.size} object does not fit there; keep it small")
    return replace(scene, objects=(*scene.objects[:index], new, *scene.objects[index + 1 :]))


def gap_between(a: SceneObject, b: SceneObject) -> float:
    """Distance between the footprints' discs in world units; negative if they overlap."""
    return math.hypot(a.x - b.x, a.z - b.z) - FOOTPRINT * (a.radius + b.radius)


def visible_share(thing: SceneObject, others: Sequence[SceneObject]) -> float:
    """A lower bound on the share of `thing`'s outline that no nearer object hides, in [0, 1]."""
    hidden = sum(
        area(intersection(thing.outline, other.outline))
        for other in others
        if other.remoteness < thing.remoteness
    )
    return max(0.0, 1 - hidden / area(thing.outline))


def _layout(rng: random.Random, count: int) -> tuple[SceneObject, ...]:
    while True:
        placed: tuple[SceneObject, ...] = ()
        for _ in range(PATIENCE * count):
            candidate = _anywhere(rng)
            if _fits(candidate, placed):
                placed = (*placed, candidate)
            if len(placed) == count:
                return tuple(sorted(placed, key=_left_to_right))


def _anywhere(rng: random.Random) -> SceneObject:
    z = rng.uniform(-2.5, 2.0)
    x = rng.uniform(-1, 1) * 0.24 * (z - EYE[2])
    yaw = math.radians(rng.uniform(22, 68)) - math.atan2(x, z - EYE[2])
    return SceneObject(rng.choice(SHAPES), rng.choice(COLOURS), rng.choice(SIZES), x, z, yaw)


def _fits(candidate: SceneObject, placed: tuple[SceneObject, ...]) -> bool:
    x0, y0, x1, y1 = candidate.box
    if min(x0, y0) < EDGE or max(x1, y1) > SIDE - EDGE:
        return False
    if any(
        gap_between(candidate, other) < GAP
        or (candidate.shape, candidate.colour) == (other.shape, other.colour)
        for other in placed
    ):
        return False
    together = (*placed, candidate)
    return all(visible_share(thing, together) >= VISIBLE for thing in together)


def _left_to_right(thing: SceneObject) -> float:
    x0, _, x1, _ = thing.box
    return x0 + x1


def _check(what: str, word: str, known: tuple[str, ...]) -> None:
    if word not in known:
        raise ValueError(f"{what} {word!r} is unknown; choose one of {', '.join(known)}")
