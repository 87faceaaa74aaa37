"""Contents that living processes need: an eviction leaves them alone."""

from __future__ import annotations

import contextlib
import os
import time
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path

from engine.store.locks import is_locked, try_lock, unlock


@contextlib.contextmanager
def lease(folder: Path, digests: Iterable[str]) -> Iterator[None]:
    """Protect contents, and everything written meanwhile, until the block or the process ends."""
    path = folder / f"{os.getpid()}-{uuid.uuid4().hex}"
    handle = None
    with contextlib.suppress(OSError):
        handle = try_lock(path)
    if handle is None:  # nowhere to write, so nobody evicts either
        yield
        return
    try:
        with contextlib.suppress(OSError):
            os.write(handle, "\n".join(digests).encode())
        yield
    finally:
        unlock(path, handle)


def leased(folder: Path) -> tuple[set[str], float]:
    """Return what living processes have leased, and since when (seconds since 1970)."""
    digests: set[str] = set()
    since = time.time()
    for path in list(folder.iterdir()) if folder.is_dir() else []:
        with contextlib.suppress(OSError):
            if is_locked(path):
                since = min(since, path.stat().st_mtime)
                digests.update(path.read_text().split())
            else:
                path.unlink()  # its process was killed
    return digests, since
