"""Frozen dataclasses from JSON, strictly: every value has its declared type or is refused.

It covers what configs are made of: numbers, text, booleans, `Literal`, tuples, maps, nested
dataclasses, and unions of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from reprlib import repr as short
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

RecordT = TypeVar("RecordT")


def from_document(cls: type[RecordT], document: object, where: str) -> RecordT:
    """Make a dataclass from a JSON object; absent fields take their defaults.

    Args:
        cls: A dataclass.
        document: What `json.loads` returned.
        where: Name of the place, for messages.

    Raises:
        ValueError: A field is unknown, missing or of another type, or `cls` refuses its value.
    """
    if not isinstance(document, dict):
        raise ValueError(f"{where} is {short(document)}, expected an object")
    known = {field.name: field for field in fields(cast("Any", cls))}
    for name in document.keys() - known.keys():
        raise ValueError(f"{where} has the unknown field {name!r}")
    for name, field in known.items():
        if name not in document and field.default is MISSING and field.default_factory is MISSING:
            raise ValueError(f"{where} lacks {name!r}")
    hints = get_type_hints(cls)
    values = {n: _convert(hints[n], v, f"{where}.{n}") for n, v in document.items()}
    try:
        return cls(**values)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error


def _convert(hint: Any, value: object, where: str) -> Any:
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return _convert(_alternative(hint, value), value, where)
    if is_dataclass(hint):
        return from_document(cast("type", hint), value, where)
    if not _fits(origin or hint, hint, value):
        raise ValueError(f"{where} is {short(value)}, expected {_name(hint)}")
    if origin is tuple:
        items = cast("list[object]", value)
        return tuple(_convert(get_args(hint)[0], item, where) for item in items)
    return float(cast("float", value)) if hint is float else value


def _alternative(union: Any, value: object) -> Any:
    """Pick the member of a union by the JSON kind of the value; the last one if none fits."""
    members = [m for m in get_args(union) if m is not NoneType]
    if value is None and NoneType in get_args(union):
        return NoneType
    fitting = [m for m in members if not is_dataclass(m) and _fits(get_origin(m) or m, m, value)]
    return (fitting or members)[-1]


def _fits(kind: Any, hint: Any, value: object) -> bool:
    if kind is Literal:
        return value in get_args(hint)
    if kind is float:
        return type(value) in (int, float)
    json_kind = {tuple: list, Mapping: dict}.get(kind, kind)
    return type(value) is json_kind


def _name(hint: Any) -> str:
    return hint.__name__ if isinstance(hint, type) else str(hint).replace("typing.", "")
