"""A config.json, field by field: what is read, what must be as expected, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from reprlib import repr as short
from typing import Any

Document = Mapping[str, Any]

IGNORED = ("sample_size", "dropout", "upcast_attention", "name_or_path")
"""Fields that change nothing about a network's weights or what it computes from them here."""
_INTERNAL = "_"


class Fields:
    """The fields of one config; each must be read or have its expected value.

    Args:
        document: What `json.loads` returned.
        where: Name of the config, for messages.

    Raises:
        ValueError: It is no object.
    """

    def __init__(self, document: object, where: str) -> None:
        if not isinstance(document, Mapping):
            raise ValueError(f"{where} is {short(document)}, expected an object")
        self._document, self._where = document, where
        self._seen: set[str] = set()

    def has(self, name: str) -> bool:
        """Whether a field is there and not null."""
        return self._document.get(name) is not None

    def one_of(
        self, name: str, allowed: tuple[str, ...], default: str = "", *, optional: bool = False
    ) -> str:
        """Read a text that must be one of a list; "" where it is optional and null."""
        value = self._take(name, default)
        if optional and value in (None, ""):
            return ""
        if value not in allowed:
            raise self.unexpected(name, " or ".join(allowed))
        return str(value)

    def count(self, name: str, default: int | None = None) -> int:
        """Read a whole number."""
        value = self._take(name, default)
        if type(value) is not int:
            raise self.unexpected(name, "a whole number")
        return value

    def number(self, name: str, default: float) -> float:
        """Read a number."""
        value = self._take(name, default)
        if type(value) not in (int, float):
            raise self.unexpected(name, "a number")
        return float(value)

    def flag(self, name: str, default: bool) -> bool:
        """Read true or false."""
        value = self._take(name, default)
        if type(value) is not bool:
            raise self.unexpected(name, "true or false")
        return value

    def flags(self, name: str, length: int) -> tuple[bool, ...]:
        """Read so many times true or false; a single false stands for all, as does nothing."""
        value = self._take(name, None) or [False] * length
        if not isinstance(value, list | tuple) or len(value) != length:
            raise self.unexpected(name, f"false, or {length} times true or false")
        if any(type(item) is not bool for item in value):
            raise self.unexpected(name, "true or false")
        return tuple(value)

    def optional_count(self, name: str) -> int | None:
        """Read a whole number that may be absent or null."""
        return None if self._take(name, None) is None else self.count(name)

    def texts(self, name: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
        """Read a list of texts, each one of a list."""
        value = self._take(name, None)
        some = isinstance(value, list | tuple) and len(value) > 0
        if not some or not all(item in allowed for item in value):
            raise self.unexpected(name, f"a list of {' or '.join(allowed)}")
        return tuple(value)

    def counts(self, name: str, length: int, default: int | None = None) -> tuple[int, ...]:
        """Read so many whole numbers from 1; a single one stands for a list of it."""
        value = self._take(name, default)
        items = [value] * length if type(value) is int else value
        if not isinstance(items, list | tuple) or len(items) != length:
            raise self.unexpected(name, f"{length} whole numbers")
        if any(type(item) is not int or item < 1 for item in items):
            raise self.unexpected(name, "whole numbers from 1")
        return tuple(items)

    def widths(self, name: str) -> tuple[int, ...]:
        """Read a list of whole numbers of any length but none."""
        value = self._document.get(name)
        if not isinstance(value, list | tuple) or not value:
            raise self.unexpected(name, "a list of whole numbers")
        return self.counts(name, len(value))

    def finish(
        self, expected: Mapping[str, tuple[Any, ...]], ignored: tuple[str, ...] = ()
    ) -> None:
        """Refuse what was not read and is not as expected.

        Args:
            expected: Fields that are not read, and the values each may have; any other field may
                only be null or false.
            ignored: Fields that may have any value, beside `IGNORED`.

        Raises:
            ValueError: With the first field that asks for something else.
        """
        for name, value in self._document.items():
            if name in self._seen | {*IGNORED, *ignored} or name.startswith(_INTERNAL):
                continue
            given = tuple(value) if isinstance(value, list) else value
            if given is None or given in expected.get(name, (False,)):
                continue
            wanted = " or ".join(map(repr, expected.get(name, ("no such field",))))
            raise self.unexpected(name, wanted)

    def unexpected(self, name: str, wanted: str) -> ValueError:
        """An error that names the field, what it has and what is built here."""
        found = short(self._document[name]) if name in self._document else "missing"
        return ValueError(f"{self._where}: {name!r} is {found}, expected {wanted}")

    def _take(self, name: str, default: Any) -> Any:
        self._seen.add(name)
        return self._document.get(name, default)
