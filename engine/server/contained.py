"""The one way a request's name becomes a file: opened part by part below a root, following no link.

Checking a path and opening it later leaves a gap in which a folder can become a link. Here each
part is opened relative to the folder before it, so there is nothing to swap. The root itself may be
a link: its owner made it.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from engine.server.refusals import RefusedError

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_FOLDER = getattr(os, "O_DIRECTORY", 0)


def open_inside(root: Path, name: str) -> BinaryIO:
    """Open a regular file below a folder for reading.

    Raises:
        RefusedError: 404 when it is not there; what is missing and what is forbidden are alike.
    """
    opened = _open_parts if os.open in os.supports_dir_fd else _open_path
    try:
        number = opened(root, _parts(name))
    except (OSError, ValueError):
        raise missing() from None
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise missing()
    return os.fdopen(number, "rb")


def missing() -> RefusedError:
    """Say that there is nothing, for whatever reason."""
    return RefusedError("not-found", "There is no such thing here; it may have been removed.")


def _parts(name: str) -> tuple[str, ...]:
    parts = tuple(name.split("/"))
    if any(part in ("", ".", "..") or "\\" in part for part in parts):
        raise ValueError(name)
    return parts


def _open_parts(root: Path, parts: tuple[str, ...]) -> int:
    folder = os.open(root, os.O_RDONLY | _FOLDER)
    try:
        for part in parts[:-1]:
            inner = os.open(part, os.O_RDONLY | _FOLDER | _NO_LINK, dir_fd=folder)
            os.close(folder)
            folder = inner
        return os.open(parts[-1], _FLAGS | _NO_LINK, dir_fd=folder)
    finally:
        os.close(folder)


def _open_path(root: Path, parts: tuple[str, ...]) -> int:
    """As well as it can be done where files cannot be opened relative to folders (Windows)."""
    path = root.joinpath(*parts).resolve()
    if not path.is_relative_to(root.resolve()):
        raise OSError
    return os.open(path, _FLAGS)
