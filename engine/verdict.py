"""Whether one value fits one setting: used at import, before a run, and on linked values."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from difflib import get_close_matches
from typing import Any, NamedTuple

from engine.ports import Port
from engine.stem import STEM_FORM, is_stem

_LARGEST = sys.float_info.max
_WORDS = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}

_LEFT: ContextVar[list[int] | None] = ContextVar("comparisons left", default=None)


class Misfit(NamedTuple):
    """Why a value does not fit, and what may have been meant."""

    message: str
    hint: str = ""


def fault(port: Port, value: Any) -> str | None:
    """Say in a few words why `value` does not fit, or None when it does."""
    found = misfit(port, value)
    return found and "; ".join(part for part in found if part)


def misfit(port: Port, value: Any) -> Misfit | None:
    """Say why `value` does not fit, or None when it does."""
    if value is None:
        return None if port.nullable else Misfit(f"expected {_WORDS[port.type]}, got null")
    if not _has_type(port.type, value):
        return Misfit(f"expected {_WORDS[port.type]}, got {shown(value)}")
    if port.choices is not None:
        return _choice_fault(port.choices, value)
    if isinstance(value, str):
        return _text_fault(port, value)
    return _bound_fault(port, value)


def fitting(port: Port, value: Any) -> Any:
    """Return the nearest value that fits, or None when nothing is near."""
    found = _read_as(port.type, value) if isinstance(value, str) else value
    if not _has_type(port.type, found) and type(found) is not float:
        return port.default  # of another kind altogether
    if port.choices is not None:
        near = get_close_matches(str(found), [str(choice) for choice in port.choices], n=1)
        found = near[0] if near and port.type is str else found
    elif type(found) in (int, float):
        found = _within(port, found)
    return settled(port, found) if found is not None and misfit(port, found) is None else None


def wanted(port: Port) -> str:
    """Say in a few words what a setting takes."""
    if port.choices is not None:
        listed = ", ".join(str(choice) for choice in port.choices[:12])
        return f"one of {listed}" + (" ..." if len(port.choices) > 12 else "")
    words = [_WORDS[port.type]]
    if port.bounds.ge is not None:
        words.append(f"from {number_text(port.bounds.ge)}")
    if port.bounds.le is not None:
        words.append(f"to {number_text(port.bounds.le)}")
    if port.text and not port.stem:
        words.append(f"of at most {port.text.max_length} characters")
    return " ".join(words) + (" or null" if port.nullable else "")


def settled(port: Port, value: Any) -> Any:
    """Turn a fitting value into the port's own type, so that equal settings are equal."""
    if type(value) not in (int, float) or fault(port, value):
        return value
    return float(value) + 0.0 if port.type is float else int(value)


def shown(value: Any) -> str:
    """Show a JSON value in a sentence: as JSON, cut to a readable length."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."


@contextmanager
def bounded_hints(comparisons: int = 100_000) -> Iterator[None]:
    """Bound how many names all suggestions in the block are compared with, one by one.

    A document that is wrong in every step would else cost its number of steps squared.
    """
    token = _LEFT.set([comparisons])
    try:
        yield
    finally:
        _LEFT.reset(token)


def nearest(word: str, known: Sequence[str]) -> str | None:
    """Return the known name that is likely meant, if any is."""
    if (left := _LEFT.get()) is not None:
        left[0] -= len(known)
        if left[0] < 0:
            return None
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    return near[0] if near else None


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """Suggest the nearest known name, or list them when they are few."""
    if near := nearest(word, known):
        return f'did you mean "{near}"?'
    if not known:
        return "there are none"
    listed = ", ".join(known[:12])
    return f"known: {listed}" + (" ..." if len(known) > 12 else "")


def _has_type(expected: type, value: Any) -> bool:
    """JSON has one kind of number: 2 is a float, and 2.0 is a whole number."""
    if expected is float:
        return type(value) in (int, float)
    if expected is int and type(value) is float:
        return value.is_integer()
    return type(value) is expected


def _read_as(kind: type, text: str) -> Any:
    """Read text that was meant as a number or a truth value; other text stays."""
    if kind is bool:
        return {"true": True, "false": False}.get(text.lower(), text)
    try:
        return float(text) if kind in (int, float) else text
    except ValueError:
        return text


def _within(port: Port, value: float) -> float | None:
    """Return the number nearest to `value` that the port's type and bounds allow."""
    if not -_LARGEST <= value <= _LARGEST:  # not for NaN either
        return None
    low, high = port.bounds.ge, port.bounds.le
    found = round(value) if port.type is int else value
    found = found if low is None else max(found, low)
    return found if high is None else min(found, high)


def _choice_fault(choices: tuple[Any, ...], value: Any) -> Misfit | None:
    if value in choices:  # of the right type already, so 1 never passes for true
        return None
    hint = did_you_mean(str(value), [str(choice) for choice in choices])
    return Misfit(f"{shown(value)} is not one of the choices", hint)


def _text_fault(port: Port, value: str) -> Misfit | None:
    limit = port.text.max_length if port.text else None
    if limit is not None and len(value) > limit:
        return Misfit(f"the text has {len(value)} characters, at most {limit} are allowed")
    if port.stem and not is_stem(value):
        return Misfit(f"{shown(value)} cannot name a result file", STEM_FORM)
    return None


def _bound_fault(port: Port, value: float) -> Misfit | None:
    if not -_LARGEST <= value <= _LARGEST:
        return Misfit(f"expected a finite number, got {shown(value)}")
    if port.bounds.ge is not None and value < port.bounds.ge:
        return Misfit(f"{shown(value)} is below the minimum {number_text(port.bounds.ge)}")
    if port.bounds.le is not None and value > port.bounds.le:
        return Misfit(f"{shown(value)} is above the maximum {number_text(port.bounds.le)}")
    return None


def number_text(value: float) -> str:
    """Write a bound as people do: 10, not 10.0."""
    return f"{value:.15g}" if isinstance(value, float) else str(value)
