"""A toy node whose unfinished values bring a picture of themselves."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Self

from engine.node import Context, Snapshot, node


@dataclass(frozen=True)
class Sketch:
    """The first bytes of a PNG, and a number."""

    number: int

    @property
    def data(self) -> bytes:
        return b"\x89PNG\r\n\x1a\n" + self.to_bytes()

    @property
    def nbytes(self) -> int:
        return 8

    def to_bytes(self) -> bytes:
        return str(self.number).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        return cls(int(data))


@node("Sketch", version=1, category="toys")
def sketch(ctx: Context, count: int = 3, pause: float = 0.0) -> Sketch:
    """Show sketches, one after another.

    Args:
        count: How many.
        pause: Seconds after each.
    """
    for number in range(count):
        ctx.preview(Snapshot("image/png", Sketch(number).data))
        time.sleep(pause)
    return Sketch(count)


@node("Frame", version=1, category="toys", effect=True)
def frame(sketch: Sketch, ctx: Context) -> None:
    """Save a sketch.

    Args:
        sketch: The sketch.
    """
    ctx.save("sketch", ".png", sketch.data)
