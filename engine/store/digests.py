"""The sha256 of files outside the store, remembered by what the system says of them."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from pathlib import Path

from engine.disk import file_sha256, publish

_UNCLEAN_SECONDS = 2.0  # a file changed this recently may change again within one mtime tick
_DAY = 86_400.0
_MOST_KNOWN = 10_000


def identity(stat: os.stat_result) -> str:
    """Name what the system says of a file: it differs whenever the content was written to."""
    return f"{stat.st_dev}:{stat.st_ino}:{stat.st_size}:{stat.st_mtime_ns}:{stat.st_ctime_ns}"


def marks(stat: os.stat_result) -> tuple[int, ...]:
    """The same as numbers, for who compares many."""
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns


def is_settled(stat: os.stat_result) -> bool:
    """Tell whether a file is old enough for another write to give it another identity."""
    return time.time() - stat.st_mtime > _UNCLEAN_SECONDS


class Digests:
    """The folder `digests/`: a file per identity (device, inode, size, times).

    Args:
        folder: Where the notes are.
        scratch: Where temporary files go.
    """

    def __init__(self, folder: Path, scratch: Path) -> None:
        self._folder = folder
        self._scratch = scratch
        self._known: dict[tuple[int, ...], tuple[str, Path]] = {}

    def of(self, path: Path) -> str:
        """Return the sha256 of a file, from the note if nothing about the file has changed."""
        before = os.stat(path)
        known = self._known.get(marks(before))
        if known is not None:
            touch(known[1])
            return known[0]
        note = self._folder / hashlib.sha256(identity(before).encode()).hexdigest()
        digest = self._noted(note, before) or self._computed(path, note, before)
        if is_settled(before):
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[marks(before)] = digest, note
        return digest

    def _noted(self, note: Path, before: os.stat_result) -> str | None:
        with contextlib.suppress(OSError, ValueError):
            digest, noted = note.read_text().split(" ", 1)
            if noted == identity(before):
                touch(note)
                return digest
        return None

    def _computed(self, path: Path, note: Path, before: os.stat_result) -> str:
        digest = file_sha256(path)
        after = path.stat()
        if identity(after) == identity(before) and is_settled(after):
            text = f"{digest} {identity(before)}"
            with contextlib.suppress(OSError):
                publish(text.encode(), note, self._scratch, replace=True)
        return digest


def touch(note: Path) -> None:
    """Mark a note as of use, at most once a day: what nobody needs for a month is swept."""
    with contextlib.suppress(OSError):
        if time.time() - note.stat().st_mtime > _DAY:
            os.utime(note)
