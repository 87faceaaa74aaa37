"""Looking after a store: the index is held to the files, room is made, what is old is swept."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.disk import sweep
from engine.records import CHECKPOINT, Record
from engine.store.actions import Actions
from engine.store.contents import Contents
from engine.store.eviction import Freed, evict
from engine.store.index import Index
from engine.store.leases import leased
from engine.store.locks import Locks, lock_file
from engine.store.pins import Pins

_RECORDS = 200_000
_WEEK, _MONTH = 7 * 86_400.0, 30 * 86_400.0


@dataclass(frozen=True)
class Upkeep:
    """The parts of a store that its upkeep needs.

    Attributes:
        folder: The store's folder.
        contents: Its contents.
        actions: Its records.
        index: What they are worth.
        pins: What the user wants to keep.
        locks: Who computes what.
    """

    folder: Path
    contents: Contents
    actions: Actions
    index: Index
    pins: Pins
    locks: Locks

    def survey(self) -> dict[str, os.stat_result]:
        """Hold the index to the files; return the contents there are."""
        self.index.flush()
        there = dict(self.contents)
        self.index.reconcile({digest: found.st_size for digest, found in there.items()})
        unknown = self.index.unknown_records(list(self.actions))
        self.index.learn(filter(None, (_dated(self.actions, key) for key in unknown)))
        return there

    def collect(self, limit: int, most_records: int = _RECORDS) -> Freed | None:
        """Evict down to a limit and sweep what is old; None while another process does it.

        Args:
            limit: Bytes the contents may take.
            most_records: How many records stay.
        """
        with _alone(self.folder / "locks" / "evictor") as alone:
            if not alone:
                return None
            there = self.survey()
            protected, since = leased(self.folder / "leases")
            protected |= self.pinned()
            freed = evict(self.contents, self.index, there, limit, protected, since)
            sweep_old(self.folder, self.locks)
            return dataclasses.replace(freed, records=self._drop_records(most_records))

    def pinned(self) -> set[str]:
        """Return the digests of all that is pinned: contents, and those of pinned records."""
        keys = self.pins.keys()
        records = filter(None, map(self.actions.get, keys))
        return set(keys).union(*(record.blobs for record in records))

    def _drop_records(self, most: int) -> int:
        """Forget the records nobody has asked for longest, and old checkpoints."""
        pinned = set(self.pins.keys())
        stale = self.index.idle_of(CHECKPOINT, before=time.time() - _MONTH)
        going = set(stale).union(self.index.idle_records(beyond=most)) - pinned
        for key in going:
            self.actions.remove(key)
        self.index.forget_records(going)
        return len(going)


def sweep_old(folder: Path, locks: Locks) -> None:
    """Remove what nobody will ask for any more: temporary files, old notes, abandoned scratch."""
    sweep(folder / "tmp")
    sweep(folder / "preview", _WEEK)
    for name in ("quarantine", "digests", "last"):
        sweep(folder / name, _MONTH)
    with contextlib.suppress(OSError):
        for path in (folder / "scratch").iterdir():
            if time.time() - _newest(path) > _MONTH and not locks.is_held(path.name):
                shutil.rmtree(path, ignore_errors=True)


def _dated(actions: Actions, key: str) -> tuple[Record, float] | None:
    """Read a record and when its file was written."""
    with contextlib.suppress(OSError):
        made = actions.place(key).stat().st_mtime
        record = actions.get(key)
        return (record, made) if record else None
    return None


def _newest(folder: Path) -> float:
    """Return when anything in a folder was last written (seconds since 1970)."""
    newest = 0.0
    for path in (folder, *folder.rglob("*")):
        with contextlib.suppress(OSError):
            newest = max(newest, path.stat().st_mtime)
    return newest


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[bool]:
    """Tell whether no other process does what this file is the lock of, until the block ends."""
    try:
        handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o644)
    except OSError:
        yield False
        return
    try:
        yield lock_file(handle)
    finally:
        os.close(handle)
