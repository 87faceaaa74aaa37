"""Writing files so that a reader sees all of one or none of it, also after kill -9."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import time
from pathlib import Path

_STALE_SECONDS = 3600.0
_UNNAMED = getattr(os, "O_TMPFILE", 0)  # Linux: a file without a name, gone with its process


def publish(data: bytes, target: str | Path, scratch: Path, *, replace: bool = False) -> bool:
    """Write `data` to `target` at once; without `replace` the first writer wins.

    Args:
        data: The whole file.
        target: Final path; its folder is made.
        scratch: Folder for a temporary file where one is needed, on the same file system.
        replace: Take the place of a file that is there.

    Returns:
        False when a file was already there and `replace` is not asked for.
    """
    if not replace:
        with contextlib.suppress(_NoUnnamedFilesError):
            return _publish_unnamed(data, target, scratch)
    target = Path(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=scratch)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        temporary.chmod(0o644)
        return move(temporary, target, replace=replace)
    finally:
        temporary.unlink(missing_ok=True)


def move(temporary: Path, target: Path, *, replace: bool = False) -> bool:
    """Give a finished file its final name; False when the name is taken and not replaced."""
    if replace:
        temporary.replace(target)
        return True
    try:
        os.link(temporary, target)
    except FileExistsError:
        return False
    except OSError:  # a file system without hard links
        if target.exists():
            return False
        temporary.replace(target)
    return True


def replace_durably(data: bytes, target: Path, prefix: str) -> None:
    """Give a file new content that also a power cut leaves whole: the old bytes or the new ones.

    Args:
        data: The whole file.
        target: Its path; its folder is made.
        prefix: How the name of the temporary file beside it begins.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=prefix)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    settle_folder(target.parent)


def settle_folder(folder: Path) -> None:
    """Make names given in a folder survive a power cut, where the system can do that."""
    with contextlib.suppress(OSError):  # Windows opens no folders
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sweep(folder: Path, seconds: float = _STALE_SECONDS) -> None:
    """Remove files of a folder that nobody has written to for a while."""
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            remove_stale(path, seconds)


def remove_stale(path: Path, seconds: float = _STALE_SECONDS) -> None:
    """Remove a file that nobody has written to for a while."""
    with contextlib.suppress(OSError):
        if time.time() - path.stat().st_mtime > seconds:
            path.unlink()


class _NoUnnamedFilesError(Exception):
    """This system or file system cannot write a file before it has a name."""


def _publish_unnamed(data: bytes, target: str | Path, scratch: Path) -> bool:
    """Write a file that gets its name when it is whole: a kill leaves nothing behind."""
    handle = _unnamed_file(scratch)  # one folder for all: a file in a new one costs 20 times more
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(handle, view) :]
        return _name(handle, target)
    finally:
        os.close(handle)


def _unnamed_file(folder: Path) -> int:
    if not _UNNAMED:
        raise _NoUnnamedFilesError
    try:
        return os.open(folder, _UNNAMED | os.O_WRONLY, 0o644)
    except OSError as error:
        raise _NoUnnamedFilesError from error


def _name(handle: int, target: str | Path) -> bool:
    """Name an open file; False when the name is taken."""
    unnamed = f"/proc/self/fd/{handle}"
    for _ in range(2):
        try:
            # Without src_dir_fd, Python links the symbolic link itself, not the open file.
            os.link(unnamed, target, src_dir_fd=handle, follow_symlinks=True)
        except FileExistsError:
            return False
        except FileNotFoundError:
            Path(target).parent.mkdir(parents=True, exist_ok=True)
        else:
            return True
    raise _NoUnnamedFilesError  # no /proc here
