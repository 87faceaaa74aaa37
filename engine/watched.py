"""A mapping that remembers what was read from it, so that a conclusion can name its reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

V = TypeVar("V")


class Watched(Mapping[str, V]):
    """Wraps a mapping and tells `note` of every entry whose value is read."""

    def __init__(self, of: Mapping[str, V], note: Callable[[str, V], None]) -> None:
        self._of = of
        self._note = note

    def __getitem__(self, name: str) -> V:
        value = self._of[name]
        self._note(name, value)
        return value

    def __contains__(self, name: object) -> bool:
        return name in self._of

    def __iter__(self) -> Iterator[str]:
        return iter(self._of)

    def __len__(self) -> int:
        return len(self._of)

    def __repr__(self) -> str:
        return repr(dict(self._of))
