"""Amounts as people write and read them: bytes, seconds, times, counts."""

from __future__ import annotations

import re
import time

_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,6})?) ?([A-Za-z]{0,2})")


def read_size(text: str) -> int | None:
    """Read `500MB`, `20GB` or a number of bytes; `none` is no limit.

    Raises:
        ValueError: When it is none of these.
    """
    if text.lower() == "none":
        return None
    match = _SIZE.fullmatch(text.strip())
    if match is None or match[2].upper() not in _UNITS:
        raise ValueError(f'expected a size like 500MB or 20GB, or none, got "{text}"')
    return int(float(match[1]) * _UNITS[match[2].upper()])


def size_text(count: int) -> str:
    """Write a number of bytes in its largest unit."""
    if count < 1000:
        return "1 byte" if count == 1 else f"{count} bytes"
    unit = max((unit for unit in _UNITS.items() if unit[1] <= count), key=lambda unit: unit[1])
    amount = count / unit[1]
    return f"{amount:.1f} {unit[0]}" if amount < 10 else f"{amount:.0f} {unit[0]}"


def seconds_text(seconds: float) -> str:
    """Write a duration so that its size is seen at once."""
    if seconds < 60:
        return f"{seconds:.2f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def time_text(moment: float) -> str:
    """Write a time (seconds since 1970) in the local time zone."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(moment))


def counted(count: int, noun: str) -> str:
    """Write a number with its noun."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
