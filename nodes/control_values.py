"""Values of ControlNets: the reference, and what a denoiser is shown through it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from nodes.values import ModelPart

if TYPE_CHECKING:
    from torch import Tensor

_METADATA = "control"


@dataclass(frozen=True)
class ControlNet(ModelPart):
    """A copy of a denoiser's first half that also sees a picture (Zhang et al. 2023)."""


@dataclass(frozen=True, eq=False)
class Hint:
    """One ControlNet and what it is shown.

    Attributes:
        sha256: Digest of the ControlNet's file.
        picture: 1 or B pictures, B 3 8h 8w, in [0, 1].
        strength: What its output is multiplied with.
        start: Share of the way from noise to picture from which it counts.
        end: Share of the way after which it does not count any more.
    """

    sha256: str
    picture: Tensor
    strength: float
    start: float
    end: float


@dataclass(frozen=True, eq=False)
class Control:
    """What steers a denoiser from beside: one ControlNet or several, whose outputs are summed.

    Attributes:
        hints: At least one, all pictures of one size.
    """

    hints: tuple[Hint, ...]

    @property
    def nbytes(self) -> int:
        """Bytes the pictures occupy in memory."""
        return sum(hint.picture.nbytes for hint in self.hints)

    @property
    def facts(self) -> dict[str, int | str]:
        """Size of the largest batch of pictures, and theirs in pixels."""
        shapes = [hint.picture.shape for hint in self.hints]
        return {"n": max(shape[0] for shape in shapes), "h": shapes[0][2], "w": shapes[0][3]}

    def to_bytes(self) -> bytes:
        """The pictures as a safetensors file, the rest in its metadata; equal for equal values."""
        from safetensors.torch import save

        rest = [[h.sha256, h.strength, h.start, h.end] for h in self.hints]
        pictures = {str(i): h.picture.contiguous().cpu() for i, h in enumerate(self.hints)}
        return save(pictures, {_METADATA: json.dumps(rest, separators=(",", ":"))})

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what `to_bytes` wrote."""
        from safetensors.torch import load

        length = int.from_bytes(data[:8], "little")
        rest = json.loads(json.loads(data[8 : 8 + length])["__metadata__"][_METADATA])
        pictures = load(data)
        return cls(
            tuple(
                Hint(sha256, pictures[str(i)], strength, start, end)
                for i, (sha256, strength, start, end) in enumerate(rest)
            )
        )
