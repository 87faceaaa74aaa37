"""Locks by key that the system frees when their holder ends, however it ends.

On Linux a key is one byte of one file, locked through an open file of its own, so threads exclude
each other as processes do, and nothing is created or removed (a file system may take a thousand
times longer for that). Elsewhere a key shares one of 4,096 files with other keys: the worst is
that one step waits for another of a different key.
"""

from __future__ import annotations

import contextlib
import os
import struct
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from engine.errors import Cancelled

_SHORTEST, _LONGEST = 0.002, 0.1  # seconds between two looks at a lock that somebody else has
_BY_BYTE = sys.platform == "linux"


class Locks:
    """The folder `locks/`.

    Args:
        folder: Where the lock files are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextlib.contextmanager
    def hold(self, key: str, stop: Callable[[], bool]) -> Iterator[None]:
        """Hold the lock of a key; where nothing can be locked, go on without.

        Args:
            key: A sha256 in hex.
            stop: Asked while somebody else has it.

        Raises:
            Cancelled: When `stop` says so.
        """
        try:
            handle = self._wait(key, stop)
        except OSError:  # read-only or gone: the worst is that something is computed twice
            handle = None
        try:
            yield
        finally:
            if handle is not None:
                os.close(handle)

    def is_held(self, key: str) -> bool:
        """Tell whether a living process or thread has the lock of a key."""
        with contextlib.suppress(OSError, ValueError):  # ValueError: this is no key
            handle = self._try(key)
            if handle is None:
                return True
            os.close(handle)
        return False

    def _wait(self, key: str, stop: Callable[[], bool]) -> int:
        pause = _SHORTEST
        while (handle := self._try(key)) is None:
            if stop():
                raise Cancelled
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST)
        return handle

    def _try(self, key: str) -> int | None:
        name = "keys" if _BY_BYTE else key[:3]
        handle = os.open(f"{self._folder}/{name}", os.O_CREAT | os.O_RDWR, 0o644)
        try:
            taken = _lock_byte(handle, int(key[:15], 16)) if _BY_BYTE else lock_file(handle)
        except BaseException:
            os.close(handle)
            raise
        if not taken:
            os.close(handle)
            return None
        return handle


def lock_file(handle: int) -> bool:
    """Lock a whole open file until it is closed; False when somebody else has it."""
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - only there

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 - not on Windows

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _lock_byte(handle: int, place: int) -> bool:
    import fcntl  # noqa: PLC0415 - not on Windows

    wanted = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, place, 1, 0)
    try:
        fcntl.fcntl(handle, fcntl.F_OFD_SETLK, wanted)
    except (BlockingIOError, PermissionError):
        return False
    return True
