"""Locks that the system frees when their process ends, however it ends.

A lock is a file that is locked, not a file that exists. Its holder removes the file before it lets
go, so whoever gets the lock has to look whether the file still has that name.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from engine.errors import Cancelled

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_SHORTEST, _LONGEST = 0.002, 0.1  # seconds between two looks at a lock that somebody else has


def try_lock(path: Path) -> int | None:
    """Take a lock if it is free.

    Returns:
        An open handle to give to `unlock`; None when somebody else has the lock.
    """
    while True:
        handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o644)
        try:
            if not _lock_now(handle):
                os.close(handle)
                return None
            if _is_still(handle, path):
                return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)  # its last holder removed it: that lock is nobody's any more


def unlock(path: Path, handle: int) -> None:
    """Remove the file, then free the lock."""
    with contextlib.suppress(OSError):
        path.unlink()
    os.close(handle)


def is_locked(path: Path) -> bool:
    """Tell whether a living process has this lock."""
    try:
        handle = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        return not _lock_now(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def locked(path: Path, stop: Callable[[], bool]) -> Iterator[None]:
    """Hold a lock, waiting for it; without a file system to lock on, go on without.

    Args:
        path: The lock file.
        stop: Asked while waiting.

    Raises:
        Cancelled: When `stop` says so.
    """
    try:
        handle = _wait(path, stop)
    except OSError:  # read-only or gone: the worst is that something is computed twice
        yield
        return
    try:
        yield
    finally:
        unlock(path, handle)


def _wait(path: Path, stop: Callable[[], bool]) -> int:
    pause = _SHORTEST
    while (handle := try_lock(path)) is None:
        if stop():
            raise Cancelled
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST)
    return handle


def _lock_now(handle: int) -> bool:
    if fcntl is None:
        return _lock_now_windows(handle)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lock_now_windows(handle: int) -> bool:
    import msvcrt  # noqa: PLC0415 - only there

    try:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    except OSError:
        return False
    return True


def _is_still(handle: int, path: Path) -> bool:
    try:
        named = path.stat()
    except FileNotFoundError:
        return False
    mine = os.fstat(handle)
    return (mine.st_ino, mine.st_dev) == (named.st_ino, named.st_dev)
