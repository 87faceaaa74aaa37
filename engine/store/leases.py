"""Contents that living processes need: an eviction leaves them alone."""

from __future__ import annotations

import contextlib
import os
import time
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path

from engine.store.locks import lock_file

_NEWBORN_SECONDS = 60.0  # between being made and being locked


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
        lock_file(handle)
        os.write(handle, "\n".join(digests).encode())
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(handle)


def leased(folder: Path) -> tuple[set[str], float]:
    """Return what living processes have leased, and since when (seconds since 1970)."""
    digests: set[str] = set()
    since = time.time()
    for path in list(folder.iterdir()) if folder.is_dir() else []:
        with contextlib.suppress(OSError):
            if _is_held(path):
                since = min(since, path.stat().st_mtime)
                digests.update(path.read_text().split())
            elif time.time() - path.stat().st_mtime > _NEWBORN_SECONDS:
                path.unlink()  # its process was killed
    return digests, since


def _is_held(path: Path) -> bool:
    handle = os.open(path, os.O_RDWR)
    try:
        return not lock_file(handle)
    finally:
        os.close(handle)
