"""Values of steering: the classifier's reference, and what shall become likely."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from nodes.values import Autoencoder, ModelPart

if TYPE_CHECKING:
    from torch import Tensor

_METADATA = "steer"


@dataclass(frozen=True)
class Classifier(ModelPart):
    """A classifier of noisy latents, whose gradient can steer a denoiser."""


@dataclass(frozen=True, eq=False)
class Aim:
    """One thing that shall become likely.

    Attributes:
        network: What tells how likely it is: a classifier, or a first stage that decodes.
        target: For a classifier class indices, 1 or B; else pictures, 1 or B of 3 H W in [0, 1].
        scale: What the gradient of the log-likelihood is multiplied with.
        shrink: Pixels a side whose mean counts, for pictures.
        grey: Whether colours do not count, for pictures.
    """

    network: Classifier | Autoencoder
    target: Tensor
    scale: float
    shrink: int = 1
    grey: bool = False

    @property
    def facts(self) -> dict[str, int | str]:
        """How many things are wanted; for pictures their size."""
        count, *rest = self.target.shape
        return {"n": count, **({"h": rest[1], "w": rest[2]} if rest else {})}


_PARTS: Mapping[str, type[Classifier | Autoencoder]] = {
    part.__name__: part for part in (Classifier, Autoencoder)
}


@dataclass(frozen=True, eq=False)
class Steer:
    """What steers a denoiser by gradients: one aim or several, whose likelihoods are multiplied.

    Attributes:
        aims: At least one.
    """

    aims: tuple[Aim, ...]

    @property
    def nbytes(self) -> int:
        """Bytes the targets occupy in memory."""
        return sum(aim.target.nbytes for aim in self.aims)

    @property
    def facts(self) -> dict[str, int | str]:
        """Size of the largest batch that is asked for, and that of pictures."""
        each = [aim.facts for aim in self.aims]
        size = next((told for told in each if "h" in told), {})
        return {**size, "n": max(int(told["n"]) for told in each)}

    def to_bytes(self) -> bytes:
        """The targets as a safetensors file, the rest in its metadata; equal for equal values."""
        from safetensors.torch import save

        rest = [
            [type(a.network).__name__, a.network.to_bytes().decode(), a.scale, a.shrink, a.grey]
            for a in self.aims
        ]
        targets = {str(i): aim.target.contiguous().cpu() for i, aim in enumerate(self.aims)}
        return save(targets, {_METADATA: json.dumps(rest, separators=(",", ":"))})

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what `to_bytes` wrote."""
        from safetensors.torch import load

        length = int.from_bytes(data[:8], "little")
        rest = json.loads(json.loads(data[8 : 8 + length])["__metadata__"][_METADATA])
        targets = load(data)
        return cls(
            tuple(
                Aim(_PARTS[kind].from_bytes(part.encode()), targets[str(i)], *settings)
                for i, (kind, part, *settings) in enumerate(rest)
            )
        )
