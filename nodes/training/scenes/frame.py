"""Each object's own frame, in which it is a unit solid that stands at the origin."""

import math
from dataclasses import dataclass
from typing import Self, TypeVar

from torch import Tensor

from nodes.training.scenes.geometry import EYE
from nodes.training.scenes.scene import SceneObject

Number = TypeVar("Number", float, Tensor)


@dataclass(frozen=True)
class Frame:
    """Where a solid stands, how large it is and how it is turned.

    Attributes:
        x: World position, to the right.
        z: World position, away from the camera.
        radius: World units in one unit of the frame.
        cos: Cosine of the turn about the vertical.
        sin: Sine of it.
    """

    x: float
    z: float
    radius: float
    cos: float
    sin: float

    @classmethod
    def of(cls, thing: SceneObject) -> Self:
        """The frame of `thing`."""
        return cls(thing.x, thing.z, thing.radius, math.cos(thing.yaw), math.sin(thing.yaw))

    @property
    def eye(self) -> tuple[float, float, float]:
        """The camera's position in this frame."""
        x, y, z = self.turn((EYE[0] - self.x, EYE[1], EYE[2] - self.z))
        return x / self.radius, y / self.radius, z / self.radius

    def turn(self, way: tuple[Number, Number, Number]) -> tuple[Number, Number, Number]:
        """A world direction in this frame; its length is kept."""
        x, y, z = way
        return x * self.cos + z * self.sin, y, z * self.cos - x * self.sin

    def floor_in(self, x: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
        """Points of the world's floor in this frame."""
        dx, dz = (x - self.x) / self.radius, (z - self.z) / self.radius
        return dx * self.cos + dz * self.sin, dz * self.cos - dx * self.sin

    def floor_out(self, x: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
        """Points of this frame's floor in the world: the inverse of `floor_in`."""
        cos, sin = self.cos * self.radius, self.sin * self.radius
        return self.x + x * cos - z * sin, self.z + z * cos + x * sin
