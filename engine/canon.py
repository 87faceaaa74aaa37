"""Canonical bytes of plain values: equal meaning gives equal bytes, different meaning never does.

Every value carries its type, so 1, 1.0, true and "1" differ. Mappings are sorted by key, -0.0
is 0.0, NaN and infinities are refused. One structured document is hashed; nothing is
concatenated, so no two documents can run into each other. docs/keys.md is the specification,
tests/engine/key_vectors.json are its examples.
"""

from __future__ import annotations

import hashlib
import json
import math
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

_quoted = json.encoder.encode_basestring_ascii


def canonical(value: Any) -> bytes:
    """Encode None, bool, int, float, str, lists and string-keyed mappings of them.

    Raises:
        ValueError: When a number or a text has no canonical form: NaN, half a surrogate pair.
        TypeError: When it is, or holds, anything else.
    """
    return _written(value).encode("ascii")


def digest(value: Any) -> str:
    """Return the sha256 of the canonical bytes, in hex."""
    return hashlib.sha256(canonical(value)).hexdigest()


def scalar_from(data: bytes) -> Any:
    """Decode one scalar from its canonical bytes."""
    tag, text = json.loads(data)
    return _READERS[tag](text)


def _written(value: Any) -> str:
    write = _WRITERS.get(type(value))
    if write is not None:
        return write(value)
    if isinstance(value, Mapping):  # of another class than dict: a read-only view
        return _mapping(value)
    raise TypeError(
        f"{type(value).__name__} has no canonical form; use null, true, false, a number, a text, "
        "a list or a mapping"
    )


def _text(value: str) -> str:
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError(
                f"the text {ascii(value)[:60]} has no canonical form, as it holds half a surrogate "
                "pair; remove it"
            ) from None
    return _quoted(value)


def _whole(value: int) -> str:
    try:
        return f'["i","{value}"]'
    except ValueError:
        raise ValueError(
            f"a whole number of {value.bit_length()} bits has no canonical form; use one of at "
            "most 4300 digits"
        ) from None


def _real(value: float) -> str:
    if not math.isfinite(value):
        raise ValueError(f"{value} has no canonical form; use a finite number")
    return f'["f","{struct.pack(">d", value + 0.0).hex()}"]'  # the sum turns -0.0 into 0.0


def _list(values: Sequence[Any]) -> str:
    return f'["l",[{",".join(map(_written, values))}]]'


def _mapping(values: Mapping[str, Any]) -> str:
    for key in values:
        if type(key) is not str:
            raise TypeError(
                f"a mapping with the key {key!r} has no canonical form; its keys must be texts"
            )
    items = [f"[{_text(key)},{_written(values[key])}]" for key in sorted(values)]
    return f'["m",[{",".join(items)}]]'


_WRITERS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: '["n"]',
    bool: lambda value: '["b",true]' if value else '["b",false]',
    int: _whole,
    float: _real,
    str: lambda value: f'["s",{_text(value)}]',
    list: _list,
    tuple: _list,
    dict: _mapping,
}

_READERS: dict[str, Callable[[Any], Any]] = {
    "b": bool,
    "i": int,
    "f": lambda text: struct.unpack(">d", bytes.fromhex(text))[0],
    "s": str,
}
