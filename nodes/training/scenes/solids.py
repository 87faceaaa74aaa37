"""Where rays meet the four unit solids, and the surface there.

Each solid is convex, has radius 1 and stands on y = 0 about the axis x = z = 0. A ray is
`origin + t * way`; the camera looks down from above, so undersides are never hit. Edges of cubes
and cylinders are bevelled in the normal only: it turns from one face to the next over `BEVEL`.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from nodes.training.scenes.geometry import PROFILE

Vector = tuple[Tensor, Tensor, Tensor]
Place = tuple[float, float, float]

BEVEL = 0.07


@dataclass(frozen=True)
class Surface:
    """What rays see of a solid, all h w.

    Attributes:
        hit: True where the ray meets the solid.
        point: Where it does, x y z.
        normal: Outward unit vector there, x y z.
    """

    hit: Tensor
    point: Vector
    normal: Vector


def see_sphere(origin: Place, way: Vector) -> Surface:
    """Meet the sphere about (0, 1, 0)."""
    ox, oy, oz = origin[0], origin[1] - 1, origin[2]
    a = dot(way, way)
    b = ox * way[0] + oy * way[1] + oz * way[2]
    inside = b * b - a * (ox * ox + oy * oy + oz * oz - 1)
    point = along(origin, way, (-b - inside.clamp(min=0).sqrt()) / a)
    return Surface(inside > 0, point, (point[0], point[1] - 1, point[2]))


def see_cube(origin: Place, way: Vector) -> Surface:
    """Meet the cube that stands on the floor, by three slabs."""
    half, height = PROFILE["cube"]
    near_x, far_x = _slab(origin[0], way[0], -half, half)
    near_y, far_y = _slab(origin[1], way[1], 0.0, height)
    near_z, far_z = _slab(origin[2], way[2], -half, half)
    near = near_x.maximum(near_y).maximum(near_z)
    far = far_x.minimum(far_y).minimum(far_z)
    point = along(origin, way, near)
    normal = (
        _bevelled(point[0], half),
        _bevelled(point[1] - half, half),
        _bevelled(point[2], half),
    )
    return Surface(near < far, point, unit(normal))


def see_cylinder(origin: Place, way: Vector) -> Surface:
    """Meet the upright cylinder: a round wall cut by one slab."""
    radius, height = PROFILE["cylinder"]
    a = way[0] * way[0] + way[2] * way[2]
    b = origin[0] * way[0] + origin[2] * way[2]
    inside = b * b - a * (origin[0] ** 2 + origin[2] ** 2 - radius**2)
    root = inside.clamp(min=0).sqrt()
    low, high = _slab(origin[1], way[1], 0.0, height)
    near, far = ((-b - root) / a).maximum(low), ((root - b) / a).minimum(high)
    x, y, z = along(origin, way, near)
    distance = (x * x + z * z).sqrt().clamp(min=1e-6)
    outward = _bevelled(distance, radius) / distance
    normal = (x * outward, _bevelled(y - height / 2, height / 2), z * outward)
    return Surface((inside > 0) & (near < far), (x, y, z), unit(normal))


def see_cone(origin: Place, way: Vector) -> Surface:
    """Meet the upright cone x^2 + z^2 = k^2 (height - y)^2."""
    radius, height = PROFILE["cone"]
    k = radius / height
    drop = origin[1] - height
    a = way[0] * way[0] + way[2] * way[2] - k * k * way[1] * way[1]
    b = origin[0] * way[0] + origin[2] * way[2] - k * k * drop * way[1]
    inside = b * b - a * (origin[0] ** 2 + origin[2] ** 2 - (k * drop) ** 2)
    x, y, z = along(origin, way, (-b - inside.clamp(min=0).sqrt()) / a)
    hit = (inside > 0) & (y > 0) & (y < height)
    return Surface(hit, (x, y, z), unit((x, k * k * (height - y).clamp(min=0.02), z)))


SEE = {"sphere": see_sphere, "cube": see_cube, "cylinder": see_cylinder, "cone": see_cone}


def along(origin: Place, way: Vector, t: Tensor) -> Vector:
    """The point `t` along each ray."""
    return origin[0] + t * way[0], origin[1] + t * way[1], origin[2] + t * way[2]


def dot(a: Vector, b: Vector) -> Tensor:
    """The inner product at each pixel."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def unit(a: Vector) -> Vector:
    """The vectors scaled to length 1."""
    scale = dot(a, a).clamp(min=1e-12).rsqrt()
    return a[0] * scale, a[1] * scale, a[2] * scale


def _slab(origin: float, way: Tensor, low: float, high: float) -> tuple[Tensor, Tensor]:
    """Where rays enter and leave low <= coordinate <= high."""
    a, b = (low - origin) / way, (high - origin) / way
    return torch.minimum(a, b), torch.maximum(a, b)


def _bevelled(coordinate: Tensor, half: float) -> Tensor:
    """A face's share of the normal: 0 inside, rising to 1 in the last `BEVEL` before the face."""
    flat = half - BEVEL
    return coordinate - coordinate.clamp(-flat, flat)
