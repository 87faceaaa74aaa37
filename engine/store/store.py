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
from collections.abc import Callable, Iterable
from pathlib import Path

from engine.disk import publish
from engine.errors import StoreError, reason
from engine.records import Record
from engine.store.actions import Actions
from engine.store.contents import Contents
from engine.store.digests import Digests
from engine.store.eviction import Freed, evict, sweep_old
from engine.store.index import Index
from engine.store.leases import lease, leased
from engine.store.locks import Locks
from engine.store.pins import Pins

LIMIT = 20_000_000_000
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

    Raises:
        StoreError: When the folder cannot be made, written, or is something else.
    """

    def __init__(self, folder: Path, limit: int | None = LIMIT) -> None:
        self.folder = folder
        self.limit = limit
        scratch, quarantine = folder / "tmp", folder / "quarantine"
        self.contents = Contents(folder / "cas", scratch, quarantine)
        self.actions = Actions(folder / "ac", scratch, quarantine)
        self.index = Index(folder / "index.sqlite")
        self.pins = Pins(folder / "pins", scratch)
        self._locks = Locks(folder / "locks")
        self._digests = Digests(folder / "digests", scratch)
        self._written = 0
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
        """Publish a record."""
        self.actions.put(record)
        self.index.made(record)

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
        self._written += len(data)

    def keep(self, path: Path) -> str:
        """Publish a copy of a file and return its digest."""
        digest = self.contents.keep(path)
        self._written += path.stat().st_size
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
        if self.last_key(place) != key:
            with contextlib.suppress(OSError):
                target = self.folder / "last" / place
                publish(key.encode(), target, self.folder / "tmp", replace=True)

    def mean_seconds(self, op: str) -> float | None:
        """Return how long steps of a node type took on average; None when none ever ran."""
        return self.index.mean_seconds(op)

    def settle(self) -> Freed | None:
        """Write down what is worth keeping, and make room when the limit is passed.

        Returns:
            What was freed; None when there was no need.
        """
        self.index.flush()
        if self.limit is None or not self._written or self.index.bytes() <= self.limit:
            return None
        return self.collect(self.limit)

    def collect(self, limit: int) -> Freed | None:
        """Evict down to a limit and sweep what is old; None while another process does it."""
        self.index.flush()
        if self.index.is_empty():
            self._learn_again()
        safe, since = leased(self.folder / "leases")
        safe |= self._pinned()
        sweep_old(self.folder, self._locks)
        self._written = 0
        return evict(self.contents, self.index, limit, safe, since)

    def _pinned(self) -> set[str]:
        records = filter(None, map(self.record, self.pins.keys()))
        return {digest for record in records for digest in record.blobs}

    def _learn_again(self) -> None:
        """Fill a new index from the records."""
        self.index.reconcile((digest, stat.st_size) for digest, stat in self.contents)
        records = filter(None, map(self.record, self.actions))
        self.index.learn(records, created=self.folder.stat().st_mtime)

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
