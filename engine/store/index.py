"""What is worth keeping: sizes, seconds and uses, in SQLite, beside the files that are the truth.

Delete it and it is filled again from the files; only the counts of uses are lost. Notes are
collected in memory and written in batches, never while a step waits for it; a broken or locked
index costs good judgement at the next eviction and nothing else.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.records import Record

_BATCH = 500
_SCHEMA = """
create table if not exists content (
    digest text primary key, bytes integer not null, seconds real not null default 0,
    uses integer not null default 0, priority real not null default 0);
create table if not exists record (
    key text primary key, op text not null, seconds real not null, created real not null,
    uses integer not null default 0, used real not null);
create index if not exists record_op on record (op);
create table if not exists fact (name text primary key, number real not null);
"""


@dataclass(frozen=True)
class Worth:
    """What is known of a content: its size, what it cost to make, how often it was read."""

    digest: str
    bytes: int
    seconds: float
    priority: float


class Index:
    """Notes about the contents and records of one store.

    Args:
        path: The SQLite file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._made: list[Record] = []
        self._read: Counter[str] = Counter()
        self._found: Counter[str] = Counter()
        self._lock = threading.Lock()

    def made(self, record: Record) -> None:
        """Note a new record and its contents."""
        with self._lock:
            self._made.append(record)
            full = len(self._made) >= _BATCH
        if full:
            self.flush()

    def read(self, digest: str) -> None:
        """Note that a content was read."""
        with self._lock:
            self._read[digest] += 1

    def found(self, key: str) -> None:
        """Note that a record was of use."""
        with self._lock:
            self._found[key] += 1

    def flush(self) -> None:
        """Write the notes; what cannot be written is dropped."""
        with self._lock:
            made, self._made = self._made, []
            read, self._read = self._read, Counter()
            found, self._found = self._found, Counter()
        if made or read or found:
            self._change(lambda database: _write(database, made, read, found))

    def mean_seconds(self, op: str) -> float | None:
        """Return how long steps of a node type took on average; None when none ever ran."""
        rows = self._ask("select avg(seconds) from record where op = ?", (op,))
        return rows[0][0] if rows else None

    def bytes(self) -> int:
        """Return the size of all contents it knows of."""
        rows = self._ask("select coalesce(sum(bytes), 0) from content")
        return int(rows[0][0]) if rows else 0

    def cheapest_first(self) -> list[Worth]:
        """Return what is known of each content, the least worth keeping first."""
        rows = self._ask("select digest, bytes, seconds, priority from content order by priority")
        return [Worth(*row) for row in rows]

    def about_record(self, key: str) -> tuple[float, int, float] | None:
        """Return when a record was made, how often and when last it was of use."""
        rows = self._ask("select created, uses, used from record where key = ?", (key,))
        return rows[0] if rows else None

    def by_op(self) -> list[tuple[str, int, float]]:
        """Return each node type, how many records it has, and the seconds they took."""
        return self._ask(
            "select op, count(*), sum(seconds) from record group by op order by 3 desc"
        )

    def reconcile(self, there: Iterable[tuple[str, int]]) -> None:
        """Take the contents there really are as they are."""
        self._change(lambda database: _reconcile(database, dict(there)))

    def learn(self, records: Iterable[Record], created: float) -> None:
        """Note records that are older than the index, without changing what it knows."""
        self._change(lambda database: _learn(database, records, created))

    def evicted(self, gone: Iterable[Worth]) -> None:
        """Forget contents; whatever comes later starts at the worth of the last one."""
        self._change(lambda database: _forget(database, list(gone)))

    def is_empty(self) -> bool:
        """Tell whether it knows no record: it is new, or was deleted."""
        return not self._ask("select 1 from record limit 1")

    def _change(self, act: Callable[[sqlite3.Connection], None]) -> None:
        faults = contextlib.suppress(sqlite3.Error, OSError)
        with faults, contextlib.closing(self._open()) as database, database:
            act(database)

    def _ask(self, question: str, values: tuple[object, ...] = ()) -> list[Any]:
        faults = contextlib.suppress(sqlite3.Error, OSError)
        with faults, contextlib.closing(self._open()) as database:
            return database.execute(question, values).fetchall()
        return []

    def _open(self) -> sqlite3.Connection:
        try:
            return _opened(self._path)
        except sqlite3.OperationalError:  # locked, or cannot be written
            raise
        except sqlite3.DatabaseError:  # not a database any more
            self._path.unlink()
            return _opened(self._path)


def _opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=5)
    try:
        database.execute("pragma journal_mode = wal")
        database.execute("pragma synchronous = normal")
        database.executescript(_SCHEMA)
    except sqlite3.Error:
        database.close()
        raise
    return database


def _inflation(database: sqlite3.Connection) -> float:
    """L of GreedyDual: what was evicted last was worth this much."""
    row = database.execute("select number from fact where name = 'inflation'").fetchone()
    return float(row[0]) if row else 0.0


def _write(
    database: sqlite3.Connection, made: list[Record], read: Counter[str], found: Counter[str]
) -> None:
    now, level = time.time(), _inflation(database)
    for record in made:
        database.execute(
            "insert into record (key, op, seconds, created, used) values (?, ?, ?, ?, ?)"
            " on conflict (key) do update set seconds = excluded.seconds",
            (record.key, record.op, record.seconds, now, now),
        )
        database.executemany(
            "insert into content (digest, bytes, seconds, priority) values (?, ?, ?, ?)"
            " on conflict (digest) do update set seconds = excluded.seconds,"
            " priority = max(priority, excluded.priority)",
            [
                (digest, size, record.seconds, level + record.seconds / max(size, 1))
                for digest, size in record.sizes.items()
            ],
        )
    database.executemany(
        "update content set uses = uses + ?, priority = ? + (uses + ? + 1) * seconds"
        " / max(bytes, 1) where digest = ?",
        [(count, level, count, digest) for digest, count in read.items()],
    )
    database.executemany(
        "update record set uses = uses + ?, used = ? where key = ?",
        [(count, now, key) for key, count in found.items()],
    )


def _reconcile(database: sqlite3.Connection, sizes: dict[str, int]) -> None:
    known = {row[0] for row in database.execute("select digest from content")}
    gone, new = known - sizes.keys(), sizes.keys() - known
    database.executemany("delete from content where digest = ?", [(d,) for d in gone])
    database.executemany(
        "insert into content (digest, bytes, priority) values (?, ?, ?)",
        [(digest, sizes[digest], _inflation(database)) for digest in new],
    )
    database.executemany(
        "update content set bytes = ? where digest = ? and bytes != ?",
        [(sizes[digest], digest, sizes[digest]) for digest in known & sizes.keys()],
    )


def _learn(database: sqlite3.Connection, records: Iterable[Record], created: float) -> None:
    for record in records:
        database.execute(
            "insert or ignore into record (key, op, seconds, created, used) values (?, ?, ?, ?, ?)",
            (record.key, record.op, record.seconds, created, created),
        )
        database.executemany(
            "update content set seconds = ?, priority = priority + ? / max(bytes, 1)"
            " where digest = ? and seconds = 0",
            [(record.seconds, record.seconds, digest) for digest in record.blobs],
        )


def _forget(database: sqlite3.Connection, gone: list[Worth]) -> None:
    database.executemany("delete from content where digest = ?", [(w.digest,) for w in gone])
    level = max((worth.priority for worth in gone), default=0.0)
    database.execute(
        "insert into fact values ('inflation', ?) on conflict (name)"
        " do update set number = max(number, excluded.number)",
        (level,),
    )
