"""The camera, the four solids and their outlines on the picture, in plain Python.

World axes: x right, y up, z away from the camera; the floor is y = 0. Picture coordinates u, v run
from -1 to 1, u right and v up. A solid of radius r is r times its unit solid, which stands
on the floor about x = z = 0.
"""

import math
from collections.abc import Sequence

Point = tuple[float, float]
Box = tuple[float, float, float, float]

EYE = (0.0, 4.4, -10.4)
PITCH = math.atan2(3.65, 10.4)
"""How far the camera looks down, in radians."""
FOCAL = 3.9
"""Distance of the picture plane in half picture widths."""

RADIUS = {"small": 0.56, "large": 0.94}
"""Radius of each size in world units."""

PROFILE = {"sphere": (1.0, 2.0), "cube": (0.8, 1.6), "cylinder": (0.8, 1.7), "cone": (0.98, 2.15)}
"""Half width at the base (of a cube: half an edge) and height of each unit solid."""

FOOTPRINT = 1.14
"""Radius of a disc that holds the footprint of every unit solid, turned any way."""


def project(x: float, y: float, z: float) -> Point:
    """Where a world point appears, as (u, v)."""
    up, away = y - EYE[1], z - EYE[2]
    depth = away * math.cos(PITCH) - up * math.sin(PITCH)
    height = away * math.sin(PITCH) + up * math.cos(PITCH)
    return FOCAL * (x - EYE[0]) / depth, FOCAL * height / depth


def outline(shape: str, radius: float, x: float, z: float, yaw: float) -> list[Point]:
    """The convex outline of a solid on the picture, counter-clockwise (u, v) corners."""
    if shape == "sphere":
        points = _sphere_rim(radius, x, z)
    else:
        width, height = (radius * length for length in PROFILE[shape])
        base = _ring(shape, width, yaw)
        top = [(0.0, 0.0)] if shape == "cone" else base
        points = [project(x + dx, 0.0, z + dz) for dx, dz in base]
        points += [project(x + dx, height, z + dz) for dx, dz in top]
    return convex_hull(points)


def bounds(points: Sequence[Point], size: int) -> Box:
    """The box (x0, y0, x1, y1) around picture points, in pixels of a `size` x `size` picture."""
    us, vs = zip(*points, strict=True)
    half = size / 2
    return (
        half * (1 + min(us)),
        half * (1 - max(vs)),
        half * (1 + max(us)),
        half * (1 - min(vs)),
    )


def convex_hull(points: Sequence[Point]) -> list[Point]:
    """The corners of the convex hull, counter-clockwise (Andrew's monotone chain)."""
    ordered = sorted(set(points))
    return _chain(ordered)[:-1] + _chain(ordered[::-1])[:-1]


def area(polygon: Sequence[Point]) -> float:
    """The area of a counter-clockwise polygon."""
    follow = [*polygon[1:], *polygon[:1]]
    return sum(a[0] * b[1] - a[1] * b[0] for a, b in zip(polygon, follow, strict=True)) / 2


def intersection(subject: Sequence[Point], clip: Sequence[Point]) -> list[Point]:
    """The common part of two convex counter-clockwise polygons (Sutherland and Hodgman, 1974)."""
    result = list(subject)
    for start, end in zip(clip, [*clip[1:], clip[0]], strict=True):
        result = _left_part(result, start, end)
    return result


def _left_part(polygon: list[Point], start: Point, end: Point) -> list[Point]:
    kept: list[Point] = []
    sides = [_turn(start, end, point) for point in polygon]
    for i, (point, side) in enumerate(zip(polygon, sides, strict=True)):
        before, side_before = polygon[i - 1], sides[i - 1]
        if (side >= 0) != (side_before >= 0):
            share = side_before / (side_before - side)
            kept.append(
                (
                    before[0] + share * (point[0] - before[0]),
                    before[1] + share * (point[1] - before[1]),
                )
            )
        if side >= 0:
            kept.append(point)
    return kept


def _chain(ordered: Sequence[Point]) -> list[Point]:
    chain: list[Point] = []
    for point in ordered:
        while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
            chain.pop()
        chain.append(point)
    return chain


def _turn(a: Point, b: Point, c: Point) -> float:
    """Positive if c lies left of the line from a to b."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _ring(shape: str, width: float, yaw: float) -> list[Point]:
    """The footprint's corners as offsets (x, z): four of a cube, 32 on a circle otherwise."""
    if shape == "cube":
        corners, reach, first = 4, width * math.sqrt(2), math.pi / 4
    else:
        corners, reach, first = 32, width, 0.0
    angles = (yaw + first + 2 * math.pi * i / corners for i in range(corners))
    return [(reach * math.cos(angle), reach * math.sin(angle)) for angle in angles]


def _sphere_rim(radius: float, x: float, z: float) -> list[Point]:
    """Where lines of sight touch a sphere: a circle across the line from the eye to its centre."""
    centre = (x, radius, z)
    ahead = [c - e for c, e in zip(centre, EYE, strict=True)]
    distance = math.hypot(*ahead)
    ahead = [a / distance for a in ahead]
    flat = math.hypot(ahead[0], ahead[2])
    side = (ahead[2] / flat, 0.0, -ahead[0] / flat)
    up = (-ahead[0] * ahead[1] / flat, flat, -ahead[2] * ahead[1] / flat)
    nearer, reach = radius**2 / distance, radius * math.sqrt(1 - (radius / distance) ** 2)
    rim = []
    for i in range(32):
        cos, sin = reach * math.cos(math.pi * i / 16), reach * math.sin(math.pi * i / 16)
        rim.append(
            project(
                *(
                    c - nearer * a + cos * s + sin * u
                    for c, a, s, u in zip(centre, ahead, side, up, strict=True)
                )
            )
        )
    return rim
