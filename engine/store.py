"""The disk tier: action records by key, contents by digest, all of it safe to delete.

Layout below `.latentgraph/`::

    format.json            what this folder is
    cas/ab/<sha256>        contents; the name is the sha256 of the bytes
    ac/ab/<key>.json       records, each with its own checksum
    digests/               sha256 of input files by (device, inode, size, times)
    last/                  the key each step of each workflow had when it was last run
    scratch/<key>/         a step's own folder, until the step succeeds
    preview/ tmp/ quarantine/

Files are published whole and never written again; whatever does not check out is moved to
`quarantine/` and counts as absent. Several processes may share one store.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import threading
import time
from pathlib import Path

from engine.disk import file_sha256, move, publish, sweep
from engine.errors import StoreError, reason
from engine.records import Record

_FORMAT = {"format": "latentgraph-store/1", "digest": "sha256"}
_FOLDERS = ("cas", "ac", "digests", "last", "scratch", "preview", "tmp", "quarantine")
_UNCLEAN_SECONDS = 2.0  # a file changed this recently may change again within one mtime tick


class Store:
    """A folder of results.

    Raises:
        StoreError: When the folder cannot be made, written, or is something else.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._verified: set[str] = set()
        self._damaged: set[str] = set()  # what could not even be moved aside
        self._claims: dict[str, int] = {}  # open file handles, by key
        self._lock = threading.Lock()
        try:
            self._open()
        except OSError as error:
            raise StoreError(
                f"the store {folder} cannot be used ({reason(error)}); name another with --store."
            ) from None

    @property
    def preview(self) -> Path:
        """Where temporary results go."""
        return self.folder / "preview"

    def record(self, key: str) -> Record | None:
        """Return the record of a key, if it is there and sound."""
        path = self._record_path(key)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        record = Record.from_bytes(data)
        if record is None or record.key != key:
            self._quarantine(path)
            return None
        return record

    def remember(self, record: Record) -> None:
        """Publish a record; it takes the place of an older one of the same key."""
        path = self._record_path(record.key)
        publish(record.to_bytes(), path, self.folder / "tmp", replace=True)

    def holds(self, record: Record) -> bool:
        """Tell whether a record is there with every content it promises."""
        return self.record(record.key) is not None and all(map(self.has, record.blobs))

    def has(self, digest: str) -> bool:
        """Tell whether a content is there, without reading it."""
        return digest not in self._damaged and self._content_path(digest).is_file()

    def intact(self, digest: str) -> bool:
        """Tell whether a content is there and is what its name says (once per process)."""
        return self.path(digest) is not None

    def path(self, digest: str) -> Path | None:
        """Locate a content after verifying it; None when it is absent or was corrupt."""
        path = self._content_path(digest)
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
        if not sound:
            self._quarantine(path)
            return None
        self._trust(digest)
        return path

    def read(self, digest: str) -> bytes | None:
        """Return a content, verified; None when it is absent or was corrupt."""
        path = self._content_path(digest)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        if hashlib.sha256(data).hexdigest() != digest:
            self._quarantine(path)
            return None
        self._trust(digest)
        return data

    def write(self, data: bytes, digest: str) -> None:
        """Publish bytes under their sha256; a damaged copy is replaced."""
        if not self.intact(digest):
            publish(data, self._content_path(digest), self.folder / "tmp", replace=True)
            self._trust(digest)

    def keep(self, path: Path) -> str:
        """Publish a copy of a file and return its digest."""
        copy = self.folder / "tmp" / f"{os.getpid()}-{threading.get_ident()}-{time.monotonic_ns()}"
        try:
            shutil.copyfile(path, copy)
            digest = file_sha256(copy)
            target = self._content_path(digest)
            target.parent.mkdir(parents=True, exist_ok=True)
            if not self.intact(digest):
                move(copy, target, replace=True)
                self._trust(digest)
        finally:
            copy.unlink(missing_ok=True)
        return digest

    def scratch(self, key: str) -> Path:
        """Return the folder of a step that is not finished yet; one process has it at a time.

        Raises:
            StoreError: When another process is computing this very step.
        """
        folder = self.folder / "scratch" / key
        folder.mkdir(parents=True, exist_ok=True)
        with self._lock:
            if key not in self._claims:
                self._claims[key] = _claim(folder)
        return folder

    def clear_scratch(self, key: str) -> None:
        """Remove the folder of a finished step."""
        with self._lock:
            claim = self._claims.pop(key, None)
        if claim is not None:
            folder = self.folder / "scratch" / key
            shutil.rmtree(folder, ignore_errors=True)
            _claim_path(folder).unlink(missing_ok=True)
            os.close(claim)

    def digest_of(self, path: Path) -> str:
        """Return the sha256 of a file outside the store, remembered by its identity on disk."""
        identity = _identity(path.stat())
        note = self.folder / "digests" / hashlib.sha256(identity.encode()).hexdigest()
        with contextlib.suppress(OSError, ValueError):
            digest, noted = note.read_text().split(" ", 1)
            if noted == identity:
                return digest
        digest = file_sha256(path)
        after = path.stat()
        if _identity(after) == identity and time.time() - after.st_mtime > _UNCLEAN_SECONDS:
            with contextlib.suppress(OSError):
                publish(f"{digest} {identity}".encode(), note, self.folder / "tmp", replace=True)
        return digest

    def last_key(self, place: str) -> str | None:
        """Return the key noted for a place, a step of a workflow."""
        try:
            return (self.folder / "last" / place).read_text()
        except (OSError, ValueError):
            return None

    def note_key(self, place: str, key: str) -> None:
        """Note the key of a place; it only serves to explain, so a full disk is no fault."""
        if self.last_key(place) != key:
            with contextlib.suppress(OSError):
                target = self.folder / "last" / place
                publish(key.encode(), target, self.folder / "tmp", replace=True)

    def _open(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in _FOLDERS:
            (self.folder / name).mkdir(exist_ok=True)
        about = self.folder / "format.json"
        publish(json.dumps(_FORMAT).encode(), about, self.folder / "tmp")
        with contextlib.suppress(ValueError):
            if json.loads(about.read_bytes()) == _FORMAT:
                sweep(self.folder / "tmp")
                return
        raise StoreError(
            f"the store {self.folder} is of another format; delete it, or name another "
            "with --store."
        )

    def _content_path(self, digest: str) -> Path:
        return self.folder / "cas" / digest[:2] / digest

    def _record_path(self, key: str) -> Path:
        return self.folder / "ac" / key[:2] / f"{key}.json"

    def _trust(self, digest: str) -> None:
        with self._lock:
            self._verified.add(digest)
            self._damaged.discard(digest)

    def _quarantine(self, path: Path) -> None:
        """Move a damaged file aside; another process may have done it first."""
        with self._lock:
            self._verified.discard(path.name)
            self._damaged.add(path.name)
        with contextlib.suppress(OSError):
            path.replace(self.folder / "quarantine" / path.name)
            self._damaged.discard(path.name)


def _claim_path(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.claim")


def _claim(folder: Path) -> int:
    """Lock a folder; the system frees the lock when the process ends, however it ends."""
    handle = os.open(_claim_path(folder), os.O_CREAT | os.O_WRONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise StoreError(
            "another process is computing this step right now; wait for it, then run again"
        ) from None
    return handle


def _identity(stat: os.stat_result) -> str:
    return f"{stat.st_dev}:{stat.st_ino}:{stat.st_size}:{stat.st_mtime_ns}:{stat.st_ctime_ns}"
