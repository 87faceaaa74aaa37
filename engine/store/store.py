"""The disk tier as one thing: action records by key, contents by digest, and who may use them when.

Layout below `.latentgraph/`::

    format.json            what this folder is
    cas/ab/<sha256>        contents; the name is the sha256 of the bytes
    ac/ab/<key>.json       records, each with its own checksum
    index.sqlite           sizes, seconds, uses: filled again from the files when deleted
    pins/<key>             what the user wants to keep, and why
    locks/ leases/         who computes what, and which contents living runs need
    digests/               sha256 of input files by (device, inode, size, times)
    last/                  the keys each workflow had when it was last run
    scratch/<key>/         a step's own folder, until the step succeeds
    preview/ tmp/ quarantine/

Files are published whole and never written again; whatever does not check out is moved to
`quarantine/` and counts as absent. Several processes may share one store.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from engine.disk import publish
from engine.errors import StoreError, reason
from engine.records import Record
from engine.store.actions import Actions
from engine.store.contents import Contents, Verify
from engine.store.digests import Digests, touch
from engine.store.eviction import Freed
from engine.store.index import Index
from engine.store.leases import lease
from engine.store.locks import Locks
from engine.store.pins import Pins
from engine.store.quarantine import Quarantine
from engine.store.upkeep import Upkeep

LIMIT = 20_000_000_000
_PART, _LEAST = 10, 50_000_000  # what a run writes before it looks whether the limit is passed
_MOST_NOTES = 20_000
_FORMAT = {"format": "latentgraph-store/1", "digest": "sha256"}
_FOLDERS = (
    "cas", "ac", "digests", "last", "scratch", "preview", "tmp", "quarantine", "locks", "leases",
    "pins",
)  # fmt: skip


class Store:
    """A folder of results.

    Args:
        folder: Where it is; made when it is not there.
        limit: Bytes that contents may take; None for no limit.
        verify: When contents are compared with their digest: `always`, when `first` read by this
            process, or `never`.

    Raises:
        StoreError: When the folder cannot be made, written, or is something else.
    """

    def __init__(self, folder: Path, limit: int | None = LIMIT, verify: Verify = "first") -> None:
        self.folder = folder
        self.limit = limit
        scratch = folder / "tmp"
        self.quarantine = Quarantine(folder / "quarantine")
        self.contents = Contents(folder / "cas", scratch, self.quarantine, verify)
        self.actions = Actions(folder / "ac", scratch, self.quarantine)
        self.index = Index(folder / "index.sqlite")
        self.pins = Pins(folder / "pins", scratch)
        self._locks = Locks(folder / "locks")
        self._digests = Digests(folder / "digests", scratch)
        self.upkeep = Upkeep(
            folder, self.contents, self.actions, self.index, self.pins, self._locks
        )
        self._written = 0
        self._noted: dict[str, str] = {}  # what is noted, so that it need not be read again
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
        return self.actions.get(key)

    def remember(self, record: Record) -> None:
        """Publish a record; the first one of a key stays unless it says something else."""
        if not self.actions.put(record):
            self.index.differed()
        self.index.made(record)

    def forget(self, record: Record) -> None:
        """Remove a record, and its contents, that nothing else refers to; pinned ones stay."""
        names = {record.key, *record.blobs}
        if names & set(self.pins.keys()):
            return
        self.actions.remove(record.key)
        for digest in record.blobs:
            self.contents.remove(digest, time.time())
        self.index.forgot(record)

    def holds(self, record: Record) -> bool:
        """Tell whether a record is there with every content it promises."""
        return self.record(record.key) is not None and all(map(self.has, record.blobs))

    def has(self, digest: str) -> bool:
        """Tell whether a content is there, without reading it."""
        return self.contents.has(digest)

    def path(self, digest: str) -> Path | None:
        """Locate a content after verifying it; None when it is absent or was corrupt."""
        self.index.read(digest)
        return self.contents.path(digest)

    def read(self, digest: str) -> bytes | None:
        """Return a content, verified; None when it is absent or was corrupt."""
        self.index.read(digest)
        return self.contents.read(digest)

    def write(self, data: bytes, digest: str) -> None:
        """Publish bytes under their sha256; a damaged copy is replaced."""
        self.contents.write(data, digest)
        self._wrote(digest, len(data))

    def keep(self, path: Path) -> str:
        """Publish a copy of a file and return its digest."""
        digest = self.contents.keep(path)
        self._wrote(digest, self.contents.place(digest).stat().st_size)
        return digest

    def lock(self, key: str, stop: Callable[[], bool]) -> contextlib.AbstractContextManager[None]:
        """Let one step of this key compute at a time, in all processes and threads.

        Args:
            key: The action key.
            stop: Asked while waiting; when it says so, Cancelled is raised.
        """
        return self._locks.hold(key, stop)

    def lease(self, digests: Iterable[str]) -> contextlib.AbstractContextManager[None]:
        """Protect contents from eviction, and all that is written meanwhile."""
        return lease(self.folder / "leases", digests)

    def scratch(self, key: str) -> Path:
        """Return the folder of a step that is not finished yet; whoever has its lock may use it."""
        folder = self.folder / "scratch" / key
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def clear_scratch(self, key: str) -> None:
        """Remove the folder of a finished step, if it had one."""
        folder = self.folder / "scratch" / key
        if folder.is_dir():
            shutil.rmtree(folder, ignore_errors=True)

    def digest_of(self, path: Path) -> str:
        """Return the sha256 of a file outside the store, remembered by its identity on disk."""
        return self._digests.of(path)

    def last_key(self, place: str) -> str | None:
        """Return the key noted for a place, a step of a workflow."""
        try:
            return (self.folder / "last" / place).read_text()
        except (OSError, ValueError):
            return None

    def note_key(self, place: str, key: str) -> None:
        """Note the key of a place; it only serves to explain, so a full disk is no fault."""
        target = self.folder / "last" / place
        if self._noted.get(place) == key or self.last_key(place) == key:
            touch(target)
        else:
            with contextlib.suppress(OSError):
                publish(key.encode(), target, self.folder / "tmp", replace=True)
        if len(self._noted) >= _MOST_NOTES:
            self._noted.clear()
        self._noted[place] = key

    def notes(self) -> Iterator[str]:
        """Go through the texts noted for all places."""
        for path in sorted((self.folder / "last").glob("*")):
            with contextlib.suppress(OSError, ValueError):
                yield path.read_text()

    def mean_seconds(self, op: str) -> float | None:
        """Return how long steps of a node type took on average; None when none ever ran."""
        return self.index.mean_seconds(op)

    def settle(self) -> Freed | None:
        """Write down what is worth keeping, and make room when the limit is passed.

        Returns:
            What was freed; None when there was no need.
        """
        self.index.flush()
        self._written = 0
        if self.limit is None or self.index.bytes() <= self.limit:
            return None
        return self.upkeep.collect(self.limit)

    def _wrote(self, digest: str, size: int) -> None:
        self.index.wrote(digest, size)
        self._written += size
        if self.limit is not None and self._written > max(self.limit // _PART, _LEAST):
            self.settle()

    def _open(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in _FOLDERS:
            (self.folder / name).mkdir(exist_ok=True)
        about = self.folder / "format.json"
        publish(json.dumps(_FORMAT).encode(), about, self.folder / "tmp")
        with contextlib.suppress(ValueError):
            if json.loads(about.read_bytes()) == _FORMAT:
                return
        raise StoreError(
            f"the store {self.folder} is of another format; delete it, or name another "
            "with --store."
        )
