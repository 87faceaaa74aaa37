"""What the user wants to keep: one small file each, so that no other file decides about it."""

from __future__ import annotations

import contextlib
from pathlib import Path

from engine.disk import publish


class Pins:
    """The folder `pins/`: a file per key, its text says why.

    Args:
        folder: Where the pins are.
        scratch: Where temporary files go.
    """

    def __init__(self, folder: Path, scratch: Path) -> None:
        self._folder = folder
        self._scratch = scratch

    def add(self, key: str, reason: str) -> None:
        """Pin a key."""
        publish(reason.encode(), self._folder / key, self._scratch, replace=True)

    def remove(self, key: str) -> bool:
        """Unpin a key; False when it was not pinned."""
        try:
            (self._folder / key).unlink()
        except FileNotFoundError:
            return False
        return True

    def reason(self, key: str) -> str | None:
        """Return why a key is pinned; None when it is not."""
        with contextlib.suppress(OSError):
            return (self._folder / key).read_text()
        return None

    def beginning_with(self, digits: str) -> list[str]:
        """Return the pinned keys that begin with some digits."""
        return [key for key in self.keys() if key.startswith(digits)]

    def keys(self) -> list[str]:
        """Return every pinned key."""
        return sorted(path.name for path in self._folder.iterdir()) if self._folder.is_dir() else []
