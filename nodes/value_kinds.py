"""The two kinds of values that travel on links: tensors, and what is small enough to be JSON.

Both are frozen, check themselves and know their own bytes. This module imports no torch until a
tensor is really read or written.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, Self

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class TensorValue:
    """A value made of float32 CPU tensors, one field each; subclasses say which axes they have.

    A field that may be None is not written when it is: the bytes are those without the field.
    """

    AXES: ClassVar[dict[str, str]] = {}
    FACTS: ClassVar[dict[str, str]] = {}

    def __post_init__(self) -> None:
        for name, tensor in self.tensors.items():
            if tensor.ndim != len(self.AXES[name].split()):
                raise ValueError(
                    f"{type(self).__name__}.{name}: shape {tuple(tensor.shape)} does not have"
                    f" the axes {self.AXES[name]}"
                )

    @property
    def tensors(self) -> dict[str, Tensor]:
        """The tensors that are there, by field."""
        return {name: t for name in self.AXES if (t := getattr(self, name)) is not None}

    @property
    def nbytes(self) -> int:
        """Bytes the tensors occupy in memory."""
        return sum(tensor.nbytes for tensor in self.tensors.values())

    @property
    def facts(self) -> dict[str, int | str]:
        """Lengths of the axes named in `FACTS`, by the name the fact has."""
        name, axes = next(iter(self.AXES.items()))
        lengths = dict(zip(axes.split(), getattr(self, name).shape, strict=True))
        return {fact: lengths[axis] for fact, axis in self.FACTS.items()}

    def to_bytes(self) -> bytes:
        """The value as a safetensors file; equal values give equal bytes."""
        from safetensors.torch import save

        return save({name: t.contiguous().cpu() for name, t in self.tensors.items()})

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what `to_bytes` wrote."""
        from safetensors.torch import load

        return cls(**load(data))


@dataclass(frozen=True)
class JsonValue:
    """A value small enough to be JSON: references, schedules, curves, tables."""

    @property
    def nbytes(self) -> int:
        """Bytes of the JSON text."""
        return len(self.to_bytes())

    def to_bytes(self) -> bytes:
        """Canonical JSON: sorted keys, no spaces; equal values give equal bytes."""
        document = {field.name: getattr(self, field.name) for field in fields(self)}
        return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what `to_bytes` wrote; lists come back as the tuples they were."""
        document = json.loads(data)
        return cls(**{k: _frozen(v) for k, v in document.items()})


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
