"""One server for each data folder: a lock that the system frees when its holder ends."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from engine.errors import EngineError
from engine.store.locks import lock_file

NAME = "server.lock"


class TakenError(EngineError):
    """Another process serves this folder."""


@contextlib.contextmanager
def only_server(folder: Path, about: str = "") -> Iterator[None]:
    """Hold the folder for this process.

    Args:
        folder: The data folder; made if it is not there.
        about: What a second one is told, such as the address of this one.

    Raises:
        TakenError: Another process holds it, with its number and what it says about itself.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / NAME
    handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        if not lock_file(handle):
            said = path.read_text(errors="replace").strip() or "no name"
            raise TakenError(f"another process serves {folder} ({said}); stop it first.")
        os.ftruncate(handle, 0)
        os.write(handle, f"process {os.getpid()} {about}".strip().encode())
        yield
    finally:
        os.close(handle)
