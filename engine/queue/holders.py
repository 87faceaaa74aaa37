"""Who has taken runs, and whether he still lives: leases that end with their holder.

A lease is a locked file. The system frees the lock when its process ends, however it ends, so a
run of a dead process is free at once and one of a living process never is; no clock is asked, and
a process that was stopped for a night has lost nothing.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from pathlib import Path

from engine.store.locks import lock_file

_NAME = re.compile(r"\d{1,10}-[0-9a-f]{16}")


class Holders:
    """Locked files in a folder, one for each who takes runs.

    Args:
        folder: Where they are; made if it is not there.

    Attributes:
        name: The one of this holder, never given twice.

    Raises:
        OSError: The folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.name = f"{os.getpid()}-{secrets.token_hex(8)}"
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR
        self._handle: int | None = os.open(folder / self.name, flags, 0o600)
        lock_file(self._handle)

    def is_gone(self, name: str) -> bool:
        """Tell whether a holder has ended; its file is removed then."""
        if not _NAME.fullmatch(name):
            return True  # not written by us
        path = self._folder / name
        try:
            handle = os.open(path, os.O_RDWR)
        except OSError:
            return not path.exists()
        try:
            gone = lock_file(handle)
        finally:
            os.close(handle)
        if gone:
            with contextlib.suppress(OSError):
                path.unlink()
        return gone

    def close(self) -> None:
        """Give up the lease of this holder."""
        if self._handle is None:
            return
        with contextlib.suppress(OSError):
            (self._folder / self.name).unlink()
        os.close(self._handle)
        self._handle = None
