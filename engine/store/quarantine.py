"""Where damaged files go: out of the way, not out of sight."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

_LOG = "log.txt"


class Quarantine:
    """The folder `quarantine/`: damaged files, and `log.txt` that says when and why each came.

    Args:
        folder: Where they go.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(self, path: Path, why: str) -> bool:
        """Move a file here; False when it cannot be moved, or another process was first."""
        try:
            path.replace(self._folder / path.name)
        except OSError:
            return False
        line = (
            f"{time.strftime('%Y-%m-%d %H:%M:%S')} {path.parent.parent.name} {path.name}: {why}\n"
        )
        with contextlib.suppress(OSError):
            log = os.open(self._folder / _LOG, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o644)
            try:
                os.write(log, line.encode())  # one write: lines of two processes do not mix
            finally:
                os.close(log)
        return True

    def __iter__(self) -> Iterator[Path]:
        """Every file that was moved here."""
        with contextlib.suppress(OSError):
            yield from sorted(path for path in self._folder.iterdir() if path.name != _LOG)
