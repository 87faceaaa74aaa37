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
from typing import Literal

from engine.disk import file_sha256, move, publish
from engine.store.digests import identity, is_settled
from engine.store.quarantine import Quarantine

Verify = Literal["always", "first", "never"]


class Contents:
    """The folder `cas/`.

    Args:
        folder: Where the contents are.
        scratch: Where temporary files go.
        quarantine: Where damaged ones go.
        verify: When a content is compared with its digest: `always` when it is read; `first`, once
            per process and again if the file has been written to since; `never`.
    """

    def __init__(
        self, folder: Path, scratch: Path, quarantine: Quarantine, verify: Verify = "first"
    ) -> None:
        self._folder = folder
        self._scratch = scratch
        self._quarantine = quarantine
        self._verify = verify
        self._verified: dict[str, str] = {}  # the identity of the file that was verified
        self._damaged: set[str] = set()  # what could not even be moved aside
        self._lock = threading.Lock()

    def place(self, digest: str) -> Path:
        """Where a content is, or would be."""
        return self._folder / digest[:2] / digest

    def has(self, digest: str) -> bool:
        """Tell whether a content is there, without reading it."""
        return digest not in self._damaged and self.place(digest).is_file()

    def path(self, digest: str) -> Path | None:
        """Locate a content after verifying it; None when it is absent or was corrupt."""
        path = self.place(digest)
        try:
            found = path.stat()
            sound = self._is_trusted(digest, found) or file_sha256(path) == digest
        except FileNotFoundError:
            return None
        except OSError:  # it is there but cannot be read: as good as absent
            with self._lock:
                self._damaged.add(digest)
            return None
        return path if self._judge(digest, found, sound=sound) else None

    def read(self, digest: str) -> bytes | None:
        """Return a content after verifying it; None when it is absent or was corrupt."""
        try:
            with self.place(digest).open("rb") as file:
                found = os.fstat(file.fileno())
                data = file.read()
        except OSError:
            return None
        trusted = self._is_trusted(digest, found)
        sound = trusted or hashlib.sha256(data).hexdigest() == digest
        return data if self._judge(digest, found, sound=sound) else None

    def check(self, digest: str) -> bool:
        """Compare a content with its digest, whatever is trusted; move it aside if it differs."""
        with self._lock:
            self._verified.pop(digest, None)
        return self.path(digest) is not None

    def write(self, data: bytes, digest: str) -> None:
        """Publish bytes under their sha256; a damaged copy is replaced."""
        place = self.place(digest)
        if not publish(data, place, self._scratch) and not self._renew(digest):
            publish(data, place, self._scratch, replace=True)
        self._damaged.discard(digest)

    def keep(self, path: Path) -> str:
        """Publish a copy of a file and return its digest."""
        unique = f"{os.getpid()}-{threading.get_ident()}-{time.monotonic_ns()}"
        copy = self._scratch / unique
        try:
            shutil.copyfile(path, copy)
            digest = file_sha256(copy)
            target = self.place(digest)
            target.parent.mkdir(parents=True, exist_ok=True)
            if not self._renew(digest):
                move(copy, target, replace=True)
            self._damaged.discard(digest)
        finally:
            copy.unlink(missing_ok=True)
        return digest

    def remove(self, digest: str, since: float) -> int:
        """Remove a content that nobody has written since; return the bytes that were freed."""
        path = self.place(digest)
        with contextlib.suppress(OSError):
            found = path.stat()
            if found.st_mtime < since:
                path.unlink()
                return found.st_size
        return 0

    def beginning_with(self, digits: str) -> list[str]:
        """Return the digests that begin with some digits, at least two."""
        return sorted(path.name for path in (self._folder / digits[:2]).glob(f"{digits}*"))

    def __iter__(self) -> Iterator[tuple[str, os.stat_result]]:
        """Every content file there is: its name and what the system says of it."""
        for folder in _entries(self._folder):
            for entry in _entries(Path(folder.path)):
                with contextlib.suppress(OSError):
                    yield entry.name, entry.stat()

    def _renew(self, digest: str) -> bool:
        """Take what is there as just written, so that no eviction takes it; False if it is not."""
        path = self.path(digest)
        with contextlib.suppress(OSError):
            if path is not None:
                os.utime(path)
                return True
        return False

    def _is_trusted(self, digest: str, found: os.stat_result) -> bool:
        if self._verify == "first":
            return self._verified.get(digest) == identity(found)
        return self._verify == "never"

    def _judge(self, digest: str, found: os.stat_result, *, sound: bool) -> bool:
        """Trust a content from now on, or move it aside; another process may do it first."""
        with self._lock:
            if sound:
                if is_settled(found):
                    self._verified[digest] = identity(found)
                self._damaged.discard(digest)
                return True
            self._verified.pop(digest, None)
            self._damaged.add(digest)
        if self._quarantine.take(self.place(digest), "its bytes are not what its name says"):
            self._damaged.discard(digest)
        return False


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError:
        return []
