"""Contents by digest: published whole, verified when first read, set aside when damaged."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from engine.disk import file_sha256, move, publish


class Contents:
    """The folder `cas/`.

    Args:
        folder: Where the contents are.
        scratch: Where temporary files go.
        quarantine: Where damaged ones go.
    """

    def __init__(self, folder: Path, scratch: Path, quarantine: Path) -> None:
        self._folder = folder
        self._scratch = scratch
        self._quarantine = quarantine
        self._verified: set[str] = set()
        self._damaged: set[str] = set()  # what could not even be moved aside
        self._lock = threading.Lock()

    def place(self, digest: str) -> Path:
        """Where a content is, or would be."""
        return self._folder / digest[:2] / digest

    def has(self, digest: str) -> bool:
        """Tell whether a content is there, without reading it."""
        return digest not in self._damaged and self.place(digest).is_file()

    def path(self, digest: str) -> Path | None:
        """Locate a content, verified once per process; None when it is absent or was corrupt."""
        path = self.place(digest)
        if digest in self._verified and path.is_file():
            return path
        try:
            sound = file_sha256(path) == digest
        except FileNotFoundError:
            return None
        except OSError:  # it is there but cannot be read: as good as absent
            with self._lock:
                self._damaged.add(digest)
            return None
        return path if self._judge(digest, sound=sound) else None

    def read(self, digest: str) -> bytes | None:
        """Return a content, verified; None when it is absent or was corrupt."""
        try:
            data = self.place(digest).read_bytes()
        except OSError:
            return None
        sound = hashlib.sha256(data).hexdigest() == digest
        return data if self._judge(digest, sound=sound) else None

    def write(self, data: bytes, digest: str) -> None:
        """Publish bytes under their sha256; a damaged copy is replaced."""
        written = publish(data, self.place(digest), self._scratch)
        if not written and self.path(digest) is None:
            publish(data, self.place(digest), self._scratch, replace=True)
        self._judge(digest, sound=True)

    def keep(self, path: Path) -> str:
        """Publish a copy of a file and return its digest."""
        unique = f"{os.getpid()}-{threading.get_ident()}-{time.monotonic_ns()}"
        copy = self._scratch / unique
        try:
            shutil.copyfile(path, copy)
            digest = file_sha256(copy)
            target = self.place(digest)
            target.parent.mkdir(parents=True, exist_ok=True)
            if self.path(digest) is None:
                move(copy, target, replace=True)
            self._judge(digest, sound=True)
        finally:
            copy.unlink(missing_ok=True)
        return digest

    def remove(self, digest: str) -> int:
        """Remove a content; return the bytes that were freed."""
        path = self.place(digest)
        with contextlib.suppress(OSError):
            size = path.stat().st_size
            path.unlink()
            return size
        return 0

    def __iter__(self) -> Iterator[tuple[str, os.stat_result]]:
        """Every content file there is: its name and what the system says of it."""
        for folder in _entries(self._folder):
            for entry in _entries(Path(folder.path)):
                with contextlib.suppress(OSError):
                    yield entry.name, entry.stat()

    def _judge(self, digest: str, *, sound: bool) -> bool:
        """Trust a content from now on, or move it aside; another process may do it first."""
        with self._lock:
            if sound:
                self._verified.add(digest)
                self._damaged.discard(digest)
                return True
            self._verified.discard(digest)
            self._damaged.add(digest)
        with contextlib.suppress(OSError):
            self.place(digest).replace(self._quarantine / digest)
            self._damaged.discard(digest)
        return False


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError:
        return []
