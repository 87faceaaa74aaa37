"""What is worth keeping: sizes, seconds and uses, in SQLite, beside the files that are the truth.

Delete it and it is filled again from the files; only the counts of uses are lost. Notes are
collected in memory and written in batches, never while a step waits for it; a broken or locked
index costs good judgement at the next eviction and nothing else.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.records import Record
from engine.store import tables
from engine.store.tables import Notes

_BATCH = 500
_PATIENCE = 2.0  # seconds to wait for another process; while steps run nobody waits


@dataclass(frozen=True)
class Worth:
    """What is known of a content: its size, what it cost to make, how much it is worth keeping."""

    digest: str
    bytes: int
    seconds: float
    priority: float


@dataclass(frozen=True)
class Use:
    """When something was made, how often and when last it was of use (seconds since 1970)."""

    made: float
    uses: int
    used: float


class Index:
    """Notes about the contents and records of one store.

    Args:
        path: The SQLite file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._notes = Notes()
        self._means: dict[str, float] | None = None
        self._lock = threading.Lock()

    def wrote(self, digest: str, size: int) -> None:
        """Note that a content was written."""
        with self._lock:
            self._notes.written[digest] = size

    def made(self, record: Record) -> None:
        """Note a new record."""
        with self._lock:
            self._notes.made.append(record)
            full = len(self._notes.made) % _BATCH == 0
        if full:
            self.flush(patience=0.0)

    def forgot(self, record: Record) -> None:
        """Note that a record and its contents were removed."""
        with self._lock:
            self._notes.forgotten.append(record)

    def read(self, digest: str) -> None:
        """Note that a content was read."""
        with self._lock:
            self._notes.read[digest] += 1

    def found(self, key: str) -> None:
        """Note that a record was of use."""
        with self._lock:
            self._notes.found[key] += 1

    def differed(self) -> None:
        """Note that a step computed again gave another result than before."""
        with self._lock:
            self._notes.differed += 1

    def flush(self, patience: float = _PATIENCE) -> None:
        """Write the notes down; what cannot be written now is kept for the next time."""
        with self._lock:
            notes, self._notes, self._means = self._notes, Notes(), None
        if notes and not self._change(lambda database: tables.write(database, notes), patience):
            with self._lock:
                self._notes = notes.merged(self._notes)

    def mean_seconds(self, op: str) -> float | None:
        """Return how long steps of a node type took on average; None when none ever ran."""
        if self._means is None:
            self._means = dict(self._ask("select op, avg(seconds) from record group by op"))
        return self._means.get(op)

    def bytes(self) -> int:
        """Return the size of all contents it knows of."""
        return int(self._number("select coalesce(sum(bytes), 0) from content"))

    def differences(self) -> int:
        """Return how often a step that was computed again gave another result than before."""
        return int(self._number("select number from fact where name = 'differences'"))

    def cheapest_first(self) -> list[Worth]:
        """Return what is known of each content, the least worth keeping first."""
        rows = self._ask(
            "select digest, bytes, seconds, priority from content order by priority, used"
        )
        return [Worth(*row) for row in rows]

    def idle_records(self, beyond: int) -> list[str]:
        """Return the keys not of use for the longest time, as many as there are beyond a number."""
        return self._column(
            "select key from record order by used desc, key limit -1 offset ?", (beyond,)
        )

    def idle_of(self, op_prefix: str, before: float) -> list[str]:
        """Return the keys of some node types that were not of use since a time."""
        return self._column(
            "select key from record where op like ? || '%' and used < ?", (op_prefix, before)
        )

    def use_of_record(self, key: str) -> Use | None:
        """Return what is known of the use of a record."""
        rows = self._ask("select created, uses, used from record where key = ?", (key,))
        return Use(*rows[0]) if rows else None

    def oldest(self) -> float | None:
        """Return when the oldest record was made (seconds since 1970)."""
        rows = self._ask("select min(created) from record")
        return rows[0][0] if rows else None

    def by_op(self) -> list[tuple[str, int, float]]:
        """Return each node type, how many records it has, and the seconds they took."""
        return self._ask(
            "select op, count(*), sum(seconds) from record group by op order by 3 desc, 1"
        )

    def unknown_records(self, there: Collection[str]) -> set[str]:
        """Forget the records that are gone; return the keys it has not heard of."""
        known = set(self._column("select key from record"))
        self.forget_records(known.difference(there))
        return set(there) - known

    def learn(self, records: Iterable[tuple[Record, float]]) -> None:
        """Note records it has not heard of, each with the time it was made."""
        found = list(records)
        self._change(lambda database: tables.add_records(database, found))

    def forget_records(self, keys: Collection[str]) -> None:
        """Forget records that are gone."""
        if keys:
            self._change(lambda database: tables.forget_records(database, keys))

    def reconcile(self, there: Mapping[str, int]) -> None:
        """Take the contents there really are, by digest with their sizes, as they are."""
        self._change(lambda database: tables.reconcile(database, there))

    def evicted(self, gone: Collection[Worth]) -> None:
        """Forget contents; whatever comes later starts at the worth of the last one."""
        level = max((worth.priority for worth in gone), default=0.0)
        digests = [worth.digest for worth in gone]
        self._change(lambda database: tables.forget_contents(database, digests, level))

    def _number(self, question: str) -> float:
        rows = self._ask(question)
        return float(rows[0][0]) if rows else 0.0

    def _column(self, question: str, values: tuple[object, ...] = ()) -> list[str]:
        return [row[0] for row in self._ask(question, values)]

    def _ask(self, question: str, values: tuple[object, ...] = ()) -> list[Any]:
        rows: list[Any] = []
        self._change(lambda database: rows.extend(database.execute(question, values)))
        return rows

    def _change(
        self, act: Callable[[sqlite3.Connection], None], patience: float = _PATIENCE
    ) -> bool:
        """Do something with the database; False when it cannot be used now."""
        for _ in range(2):
            try:
                with contextlib.closing(tables.connect(self._path, patience)) as database, database:
                    act(database)
            except sqlite3.OperationalError:  # locked, or cannot be written
                return False
            except sqlite3.DatabaseError:  # not a database any more
                self._start_anew()
            except OSError:
                return False
            else:
                return True
        return False

    def _start_anew(self) -> None:
        for ending in ("", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                self._path.with_name(self._path.name + ending).unlink()
