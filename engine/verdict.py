"""Whether one value fits one setting: used at import, before a run, and on linked values."""

from __future__ import annotations

import json
import sys
from difflib import get_close_matches
from typing import Any

from engine.ports import Port
from engine.stem import STEM_FORM, is_stem

_LARGEST = sys.float_info.max
_WORDS = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}


def fault(port: Port, value: Any) -> str | None:
    """Say in a few words why `value` does not fit, or None when it does."""
    if value is None:
        return None if port.nullable else f"expected {_WORDS[port.type]}, got null"
    if not _has_type(port.type, value):
        return f"expected {_WORDS[port.type]}, got {shown(value)}"
    if port.choices is not None:
        return _choice_fault(port.choices, value)
    if isinstance(value, str):
        return _text_fault(port, value)
    return _bound_fault(port, value)


def settled(port: Port, value: Any) -> Any:
    """Turn a fitting value into the port's own type, so that equal settings are equal."""
    if type(value) not in (int, float) or fault(port, value):
        return value
    return float(value) + 0.0 if port.type is float else int(value)


def shown(value: Any) -> str:
    """Show a JSON value in a sentence: as JSON, cut to a readable length."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."


def did_you_mean(word: str, known: list[str]) -> str:
    """Suggest the nearest known name, or list them when they are few."""
    if near := get_close_matches(word, known, n=1, cutoff=0.6):
        return f'did you mean "{near[0]}"?'
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


def _choice_fault(choices: tuple[Any, ...], value: Any) -> str | None:
    if value in choices:  # of the right type already, so 1 never passes for true
        return None
    names = [str(choice) for choice in choices]
    hint = did_you_mean(str(value), names)
    return f"{shown(value)} is not one of the choices; {hint}"


def _text_fault(port: Port, value: str) -> str | None:
    limit = port.text.max_length if port.text else None
    if limit is not None and len(value) > limit:
        return f"the text has {len(value)} characters, at most {limit} are allowed"
    if port.stem and not is_stem(value):
        return f"{shown(value)} cannot name a result file; {STEM_FORM}"
    return None


def _bound_fault(port: Port, value: float) -> str | None:
    if not -_LARGEST <= value <= _LARGEST:
        return f"expected a finite number, got {shown(value)}"
    if port.bounds.ge is not None and value < port.bounds.ge:
        return f"{shown(value)} is below the minimum {number_text(port.bounds.ge)}"
    if port.bounds.le is not None and value > port.bounds.le:
        return f"{shown(value)} is above the maximum {number_text(port.bounds.le)}"
    return None


def number_text(value: float) -> str:
    """Write a bound as people do: 10, not 10.0."""
    return f"{value:.15g}" if isinstance(value, float) else str(value)
