"""The tables of the index, and every way they change."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from engine.records import Record

_VERSION = 1
_SCHEMA = (
    "drop table if exists content",
    "drop table if exists record",
    "drop table if exists fact",
    "create table content (digest text primary key, bytes integer not null,"
    " seconds real not null default 0, uses integer not null default 0, used real not null,"
    " priority real not null)",
    "create table record (key text primary key, op text not null, seconds real not null,"
    " created real not null, uses integer not null default 0, used real not null)",
    "create index record_op on record (op)",
    "create table fact (name text primary key, number real not null)",
    f"pragma user_version = {_VERSION}",
)


@dataclass
class Notes:
    """What happened since the index was last written.

    Attributes:
        written: Bytes of contents written, by digest.
        made: Records made.
        read: How often each content was read.
        found: How often each record was of use.
        differed: How often a step that was computed again gave another result.
        forgotten: Records removed with their contents.
    """

    written: dict[str, int] = field(default_factory=dict)
    made: list[Record] = field(default_factory=list)
    read: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    differed: int = 0
    forgotten: list[Record] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any(getattr(self, note.name) for note in fields(self))

    def merged(self, later: Notes) -> Notes:
        """Return these notes with later ones added."""
        return Notes(
            self.written | later.written,
            self.made + later.made,
            self.read + later.read,
            self.found + later.found,
            self.differed + later.differed,
            self.forgotten + later.forgotten,
        )


def connect(path: Path, patience: float) -> sqlite3.Connection:
    """Open the database, made ready when it is new or of another version.

    Args:
        path: The file.
        patience: Seconds to wait for whoever has it locked.

    Raises:
        sqlite3.Error: When it cannot be used.
    """
    database = sqlite3.connect(path, timeout=patience)
    try:
        if not _is_ready(database):
            _make_ready(database)
        database.execute("pragma synchronous = normal")
    except sqlite3.Error:
        database.close()
        raise
    return database


def _is_ready(database: sqlite3.Connection) -> bool:
    return bool(database.execute("pragma user_version").fetchone() == (_VERSION,))


def _make_ready(database: sqlite3.Connection) -> None:
    database.execute("pragma journal_mode = wal")
    with database:
        database.execute("begin immediate")
        if not _is_ready(database):  # else another process did it meanwhile
            for statement in _SCHEMA:
                database.execute(statement)


def write(database: sqlite3.Connection, notes: Notes) -> None:
    """Add notes to what is known."""
    now, level = time.time(), _number(database, "inflation")
    database.executemany(
        "insert into content (digest, bytes, used, priority) values (?, ?, ?, ?)"
        " on conflict (digest) do update set bytes = excluded.bytes",
        [(digest, size, now, level) for digest, size in notes.written.items()],
    )
    add_records(database, ((record, now) for record in notes.made))
    database.executemany(
        "update content set uses = uses + ?, used = ?,"
        " priority = ? + (uses + ? + 1) * seconds / max(bytes, 1) where digest = ?",
        [(count, now, level, count, digest) for digest, count in notes.read.items()],
    )
    database.executemany(
        "update record set uses = uses + ?, used = ? where key = ?",
        [(count, now, key) for key, count in notes.found.items()],
    )
    if notes.differed:
        _set(database, "differences", _number(database, "differences") + notes.differed)
    forget_records(database, [record.key for record in notes.forgotten])
    forget_contents(database, [blob for r in notes.forgotten for blob in r.blobs], level)


def add_records(database: sqlite3.Connection, records: Iterable[tuple[Record, float]]) -> None:
    """Add records, each with the time it was made, and what their contents cost."""
    level = _number(database, "inflation")
    for record, made in records:
        database.execute(
            "insert into record (key, op, seconds, created, used) values (?, ?, ?, ?, ?)"
            " on conflict (key) do update set seconds = excluded.seconds",
            (record.key, record.op, record.seconds, made, made),
        )
        database.executemany(
            "update content set seconds = max(seconds, ?), priority = max(priority,"
            " ? + (uses + 1) * ? / max(bytes, 1)) where digest = ?",
            [(record.seconds, level, record.seconds, digest) for digest in record.blobs],
        )


def reconcile(database: sqlite3.Connection, there: Mapping[str, int]) -> None:
    """Make the contents known be exactly those, by digest with their sizes."""
    known = dict(database.execute("select digest, bytes from content"))
    now, level = time.time(), _number(database, "inflation")
    database.executemany(
        "delete from content where digest = ?",
        [(digest,) for digest in known.keys() - there.keys()],
    )
    database.executemany(
        "insert into content (digest, bytes, used, priority) values (?, ?, ?, ?)"
        " on conflict (digest) do update set bytes = excluded.bytes",
        [(digest, size, now, level) for digest, size in there.items() if known.get(digest) != size],
    )


def forget_records(database: sqlite3.Connection, keys: Collection[str]) -> None:
    """Remove records."""
    database.executemany("delete from record where key = ?", [(key,) for key in keys])


def forget_contents(database: sqlite3.Connection, digests: Collection[str], level: float) -> None:
    """Remove contents; what comes later is worth at least `level`."""
    database.executemany("delete from content where digest = ?", [(d,) for d in digests])
    _set(database, "inflation", max(level, _number(database, "inflation")))


def _number(database: sqlite3.Connection, name: str) -> float:
    row = database.execute("select number from fact where name = ?", (name,)).fetchone()
    return float(row[0]) if row else 0.0


def _set(database: sqlite3.Connection, name: str, number: float) -> None:
    database.execute(
        "insert into fact values (?, ?) on conflict (name) do update set number = excluded.number",
        (name, number),
    )
