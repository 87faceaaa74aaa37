"""Contents that living processes need: an eviction leaves them alone."""

from __future__ import annotations

import contextlib
import os
import time
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path

from engine.store.locks import lock_file

_NEWBORN_SECONDS = 60.0  # a lease this young may not be locked yet, and counts all the same


@contextlib.contextmanager
def lease(folder: Path, digests: Iterable[str]) -> Iterator[None]:
    """Protect contents, and everything written meanwhile, until the block or the process ends."""
    path = folder / f"{os.getpid()}-{uuid.uuid4().hex}"
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o644)
    except OSError:  # nowhere to write, so nobody evicts either
        yield
        return
    try:
        with contextlib.suppress(OSError):  # a full disk: better a part of the list than no run
            os.write(handle, "\n".join(digests).encode())
        while not lock_file(handle):  # somebody is looking whether it is locked
            time.sleep(0.001)
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink()
        os.close(handle)


def leased(folder: Path) -> tuple[set[str], float]:
    """Return what living processes have leased, and since when (seconds since 1970)."""
    digests: set[str] = set()
    since = time.time()
    for path in list(folder.iterdir()) if folder.is_dir() else []:
        with contextlib.suppress(OSError):
            made = path.stat().st_mtime
            if _is_locked(path) or time.time() - made < _NEWBORN_SECONDS:
                since = min(since, made)
                digests.update(path.read_text().split())
            else:
                path.unlink()  # its process was killed
    return digests, since


def _is_locked(path: Path) -> bool:
    handle = os.open(path, os.O_RDWR)
    try:
        return not lock_file(handle)
    finally:
        os.close(handle)
