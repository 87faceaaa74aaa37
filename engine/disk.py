"""Writing files so that a reader sees all of one or none of it, also after kill -9."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import time
from pathlib import Path

_STALE_SECONDS = 3600.0


def publish(data: bytes, target: Path, scratch: Path, *, replace: bool = False) -> bool:
    """Write `data` to `target` at once; without `replace` the first writer wins.

    Args:
        data: The whole file.
        target: Final path; its folder is made.
        scratch: Folder for the temporary file, on the same file system.
        replace: Take the place of a file that is there.

    Returns:
        False when a file was already there and `replace` is not asked for.
    """
    if not replace and target.exists():
        return False
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


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sweep(folder: Path) -> None:
    """Remove temporary files that a killed process left behind long ago."""
    for path in folder.iterdir():
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                path.unlink()
