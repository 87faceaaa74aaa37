"""The tables of the queue: migrations in order, each in one transaction."""

from __future__ import annotations

import sqlite3

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE document (digest TEXT PRIMARY KEY, body TEXT NOT NULL);
    CREATE TABLE run (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        state TEXT NOT NULL,
        name TEXT NOT NULL,
        document TEXT NOT NULL REFERENCES document (digest),
        changes TEXT NOT NULL,
        priority INTEGER NOT NULL,
        place REAL NOT NULL,
        client TEXT NOT NULL,
        idempotency TEXT,
        request TEXT NOT NULL,
        attempt INTEGER NOT NULL DEFAULT 0,
        holder TEXT,
        created REAL NOT NULL,
        started REAL,
        finished REAL,
        ending TEXT,
        note TEXT NOT NULL DEFAULT ''
    );
    CREATE INDEX run_document ON run (document);
    CREATE INDEX run_state ON run (state, id);
    CREATE INDEX run_waiting ON run (priority DESC, place, id) WHERE state = 'queued';
    CREATE INDEX run_running ON run (holder) WHERE state = 'running';
    CREATE INDEX run_client ON run (client) WHERE state = 'queued';
    CREATE UNIQUE INDEX run_once ON run (client, idempotency) WHERE idempotency IS NOT NULL;
    CREATE VIEW shown AS
        SELECT id, state, name, priority, attempt, created, started, finished, note, ending
        FROM run;
    CREATE TABLE story (
        run INTEGER PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE,
        body TEXT NOT NULL
    );
    CREATE TABLE flag (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    """,
)


class NewerError(Exception):
    """The file was written by a newer version of this program."""


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables of an open database up to date.

    Raises:
        sqlite3.DatabaseError: It is no database.
        NewerError: It is one of a newer version.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise NewerError(f"it is of version {version}, newer than this program")
    for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
        connection.executescript(f"BEGIN;{script};PRAGMA user_version = {number};COMMIT;")
