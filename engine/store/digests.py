"""The sha256 of files outside the store, remembered by what the system says of them."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from pathlib import Path

from engine.disk import file_sha256, publish

_UNCLEAN_SECONDS = 2.0  # a file changed this recently may change again within one mtime tick


class Digests:
    """The folder `digests/`: a file per identity (device, inode, size, times).

    Args:
        folder: Where the notes are.
        scratch: Where temporary files go.
    """

    def __init__(self, folder: Path, scratch: Path) -> None:
        self._folder = folder
        self._scratch = scratch

    def of(self, path: Path) -> str:
        """Return the sha256 of a file, from the note if nothing about the file has changed."""
        identity = _identity(path.stat())
        note = self._folder / hashlib.sha256(identity.encode()).hexdigest()
        with contextlib.suppress(OSError, ValueError):
            digest, noted = note.read_text().split(" ", 1)
            if noted == identity:
                return digest
        digest = file_sha256(path)
        after = path.stat()
        if _identity(after) == identity and time.time() - after.st_mtime > _UNCLEAN_SECONDS:
            with contextlib.suppress(OSError):
                publish(f"{digest} {identity}".encode(), note, self._scratch, replace=True)
        return digest


def _identity(stat: os.stat_result) -> str:
    return f"{stat.st_dev}:{stat.st_ino}:{stat.st_size}:{stat.st_mtime_ns}:{stat.st_ctime_ns}"
