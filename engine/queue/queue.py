"""The durable queue: add, claim, finish; every state change is one transaction."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sqlite3
import threading
import time
from dataclasses import asdict
from pathlib import Path

from engine.queue.database import Database
from engine.queue.reading import existing, find, flag, known, plain, request_digest, row_of
from engine.queue.rows import Claim, Ending, QueueFullError, RunRequest, RunRow, State

MOST_ATTEMPTS = 3
"""A run that was running when its process died so often is set aside."""
MOST_WAITING = 10_000
MOST_OF_ONE = 2_000
"""Runs that may wait, of all clients and of one."""


class RunQueue:
    """Runs in one SQLite file.

    Whoever opens it is the one process that runs them (see `engine.queue.lock`): runs that were
    running before are taken up again.

    Args:
        path: The file.
        most_waiting: How many runs may wait.
        most_of_one: How many of them may be one client's.

    Raises:
        QueueError: The file cannot be used.
    """

    def __init__(
        self, path: Path, most_waiting: int = MOST_WAITING, most_of_one: int = MOST_OF_ONE
    ) -> None:
        self._database = Database(path)
        self._most_waiting, self._most_of_one = most_waiting, most_of_one
        self._holder = f"{os.getpid()}-{secrets.token_hex(8)}"
        self._changed = threading.Condition()
        self._changes = 0
        self._take_up()

    @property
    def set_aside(self) -> Path | None:
        """Where a damaged queue was moved to, if there was one."""
        return self._database.set_aside

    def add(self, request: RunRequest) -> RunRow:
        """Accept a run; when this returns it is on the disk.

        Raises:
            QueueFullError: Too many wait.
            DifferentRequestError: The idempotency key was used for something else.
            QueueError: It cannot be written.
        """
        body = plain(request.document)
        digest = hashlib.sha256(body.encode()).hexdigest()
        asked = request_digest(digest, request)
        with self._database.write() as db:
            if before := known(db, request, asked):
                return before
            self._refuse_flood(db, request.client)
            db.execute("INSERT OR IGNORE INTO document VALUES (?, ?)", (digest, body))
            (number,) = db.execute(
                "INSERT INTO run (state, name, document, changes, priority, place, client,"
                " idempotency, request, created)"
                " VALUES ('queued', ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                (
                    request.name, digest, json.dumps(request.changes), request.priority,
                    time.time(), request.client, request.idempotency, asked, time.time(),
                ),
            ).fetchone()  # fmt: skip
            row = existing(db, number)
        self._tell()
        return row

    def claim(self) -> Claim | None:
        """Take the next run, or None when there is none or the queue is paused."""
        with self._database.write(durable=False) as db:
            if flag(db, "paused"):
                return None
            row = db.execute(
                "UPDATE run SET state = 'running', attempt = attempt + 1, holder = ?, started = ?"
                " WHERE id = (SELECT id FROM run WHERE state = 'queued'"
                " ORDER BY priority DESC, place, id LIMIT 1)"
                " RETURNING id, attempt, name, document, changes, priority, client",
                (self._holder, time.time()),
            ).fetchone()
            if row is None:
                return None
            number, attempt, name, digest, changes, priority, client = row
            (body,) = db.execute("SELECT body FROM document WHERE digest = ?", (digest,)).fetchone()
        request = RunRequest(json.loads(body), name, tuple(json.loads(changes)), priority, client)
        return Claim(number, attempt, request)

    def finish(self, claim: Claim, ending: Ending) -> bool:
        """Note how a run ended; False when this attempt is not the one that runs it any more."""
        with self._database.write() as db:
            done = db.execute(
                "UPDATE run SET state = ?, finished = ?, ending = ?, holder = NULL"
                " WHERE id = ? AND attempt = ? AND holder = ? AND state = 'running'",
                (
                    ending.state, time.time(), plain(asdict(ending)),
                    claim.id, claim.attempt, self._holder,
                ),
            )  # fmt: skip
        self._tell()
        return done.rowcount == 1

    def give_back(self, claim: Claim) -> None:
        """Let a run wait again that was not ended: the process is asked to stop."""
        with self._database.write() as db:
            db.execute(
                "UPDATE run SET state = 'queued', holder = NULL, attempt = attempt - 1"
                " WHERE id = ? AND attempt = ? AND state = 'running'",
                (claim.id, claim.attempt),
            )
        self._tell()

    def cancel(self, number: int) -> RunRow | None:
        """Cancel a run that waits; one that runs is left to its runner. None: there is no such."""
        with self._database.write() as db:
            db.execute(
                "UPDATE run SET state = 'cancelled', finished = ?, ending = ?"
                " WHERE id = ? AND state = 'queued'",
                (time.time(), plain(asdict(Ending("cancelled"))), number),
            )
            row = find(db, number)
        self._tell()
        return row

    def move(self, number: int, priority: int, *, first: bool = False) -> RunRow | None:
        """Give a waiting run another priority; with `first`, before all others that have it."""
        with self._database.write() as db:
            if first:
                db.execute(
                    "UPDATE run SET place = (SELECT min(place) - 1 FROM run WHERE priority = ?)"
                    " WHERE id = ? AND state = 'queued'"
                    " AND EXISTS (SELECT 1 FROM run WHERE priority = ?)",
                    (priority, number, priority),
                )
            db.execute(
                "UPDATE run SET priority = ? WHERE id = ? AND state = 'queued'", (priority, number)
            )
            row = find(db, number)
        self._tell()
        return row

    def get(self, number: int) -> RunRow | None:
        """What is known of a run; None when there is no such."""
        with self._database.read() as db:
            return find(db, number)

    def request(self, number: int) -> RunRequest | None:
        """What was asked for; None when there is no such run."""
        with self._database.read() as db:
            row = db.execute(
                "SELECT body, name, changes, priority, client FROM run"
                " JOIN document ON document = digest WHERE id = ?",
                (number,),
            ).fetchone()
        if row is None:
            return None
        body, name, changes, priority, client = row
        return RunRequest(json.loads(body), name, tuple(json.loads(changes)), priority, client)

    def list(
        self, *, state: State | None = None, before: int | None = None, limit: int = 50
    ) -> list[RunRow]:
        """Runs, newest first.

        Args:
            state: Only those in it.
            before: Only those with a smaller number: the next page.
            limit: How many at most.
        """
        with self._database.read() as db:
            rows = db.execute(
                "SELECT * FROM shown WHERE (? IS NULL OR state = ?)"
                " AND (? IS NULL OR id < ?) ORDER BY id DESC LIMIT ?",
                (state, state, before, before, max(1, min(limit, 1000))),
            ).fetchall()
        return [row_of(row) for row in rows]

    def counts(self) -> dict[str, int]:
        """How many runs are in each state that any is in."""
        with self._database.read() as db:
            return dict(db.execute("SELECT state, count(*) FROM run GROUP BY state").fetchall())

    @property
    def paused(self) -> bool:
        """Whether nothing is claimed, over restarts too."""
        with self._database.read() as db:
            return flag(db, "paused")

    def pause(self, *, paused: bool) -> None:
        """Stop claiming, or go on; what runs goes on to its end."""
        with self._database.write() as db:
            db.execute("INSERT OR REPLACE INTO flag VALUES ('paused', ?)", (str(int(paused)),))
        self._tell()

    def wait(self, seen: int, timeout: float | None) -> int:
        """Wait until something has changed since `seen` changes; return how many there were."""
        with self._changed:
            self._changed.wait_for(lambda: self._changes > seen, timeout)
            return self._changes

    def wake(self) -> None:
        """End all waiting."""
        self._tell()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _tell(self) -> None:
        with self._changed:
            self._changes += 1
            self._changed.notify_all()

    def _take_up(self) -> None:
        """Let runs wait again whose process has died, but for those that it died of too often."""
        with self._database.write() as db:
            db.execute(
                "UPDATE run SET state = 'poisoned', holder = NULL, finished = ?, note = ?"
                " WHERE state = 'running' AND attempt >= ?",
                (time.time(), f"the process died {MOST_ATTEMPTS} times with it", MOST_ATTEMPTS),
            )
            db.execute(
                "UPDATE run SET state = 'queued', holder = NULL,"
                " note = 'the process died with it; it goes on from what is stored'"
                " WHERE state = 'running'"
            )

    def _refuse_flood(self, db: sqlite3.Connection, client: str) -> None:
        waiting = "SELECT count(*) FROM run WHERE state = 'queued'"
        (all_in_all,) = db.execute(waiting).fetchone()
        (of_one,) = db.execute(f"{waiting} AND client = ?", (client,)).fetchone()
        if all_in_all >= self._most_waiting:
            raise QueueFullError(f"{all_in_all} runs wait already; try again later.")
        if of_one >= self._most_of_one:
            raise QueueFullError(f"{of_one} runs of this client wait already; try again later.")
