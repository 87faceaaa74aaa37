"""Values to bytes and back: scalars by the engine itself, the rest by their own class."""

from __future__ import annotations

from typing import Any, cast

from engine.canon import canonical, scalar_from
from engine.node import Storable
from engine.ports import SCALARS


def encode(value_type: type, value: Any) -> bytes:
    """Encode a value of a declared output type; the sha256 of the bytes is its identity."""
    if value_type in SCALARS:
        return canonical(value)
    return cast("Storable", value).to_bytes()


def decode(value_type: type, data: bytes) -> Any:
    """Decode what `encode` wrote for the same type."""
    if value_type in SCALARS:
        return scalar_from(data)
    return cast("type[Storable]", value_type).from_bytes(data)


def size(value: Any) -> int:
    """Bytes a value occupies in memory, for the memory tier's budget."""
    return 64 if type(value) in SCALARS else int(value.nbytes)
