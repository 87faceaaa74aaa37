"""Canonical bytes of plain values: equal meaning gives equal bytes, different meaning never does.

Every scalar carries its type, so 1, 1.0, true and "1" differ. Mappings are sorted by key, -0.0
is 0.0, NaN and infinities are refused. One structured document is hashed; nothing is
concatenated, so no two documents can run into each other.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from typing import Any


def _float(value: float) -> str:
    if not math.isfinite(value):
        raise ValueError(f"{value} has no canonical form; use a finite number")
    return repr(value + 0.0)  # turns -0.0 into 0.0


_SCALARS: dict[type, tuple[str, Callable[[Any], Any]]] = {
    type(None): ("n", lambda _: ""),
    bool: ("b", bool),
    int: ("i", str),
    float: ("f", _float),
    str: ("s", str),
}


def canonical(value: Any) -> bytes:
    """Encode None, bool, int, float, str, lists and string-keyed mappings of them."""
    return json.dumps(_tagged(value), ensure_ascii=True, separators=(",", ":")).encode("ascii")


def digest(value: Any) -> str:
    """Return the sha256 of the canonical bytes, in hex."""
    return hashlib.sha256(canonical(value)).hexdigest()


def scalar_from(data: bytes) -> Any:
    """Decode one scalar from its canonical bytes."""
    tag, text = json.loads(data)
    readers = {"i": int, "f": float, "s": str, "b": bool}
    return readers[tag](text)


def _tagged(value: Any) -> list[Any]:
    if (scalar := _SCALARS.get(type(value))) is not None:
        return [scalar[0], scalar[1](value)]
    if isinstance(value, dict | Mapping):  # dict first: asking for the abstract class is slow
        return ["m", [[key, _tagged(value[key])] for key in sorted(value)]]
    if isinstance(value, list | tuple):
        return ["l", [_tagged(item) for item in value]]
    raise TypeError(f"{type(value).__name__} has no canonical form")
