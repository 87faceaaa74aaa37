"""The durable queue: add, claim, finish; every state change is one transaction."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.queue.database import Database, QueueError
from engine.queue.fitness import body_of, refuse_flood, refuse_priority
from engine.queue.holders import Holders
from engine.queue.reading import (
    asked_for,
    existing,
    find,
    flag,
    known,
    plain,
    put_before,
    request_digest,
    row_of,
)
from engine.queue.rows import Claim, Ending, RunRequest, RunRow, State
from engine.queue.upkeep import MOST_BYTES, free_the_dead, make_room

MOST_WAITING = 10_000
MOST_OF_ONE = 2_000
"""Runs that may wait, of all clients and of one."""


class RunQueue:
    """Runs in one SQLite file; any thread may call anything.

    Several processes may take runs from one file: each holds a lease on what it has taken (see
    `engine.queue.holders`), and what a dead one had taken waits again.

    Args:
        path: The file.
        most_waiting: How many runs may wait.
        most_of_one: How many of them may be one client's.
        most_bytes: How large the file may grow; the oldest runs that have ended are forgotten.

    Raises:
        QueueError: The file cannot be used.
    """

    def __init__(
        self,
        path: Path,
        most_waiting: int = MOST_WAITING,
        most_of_one: int = MOST_OF_ONE,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._database = Database(path)
        self._limits = most_waiting, most_of_one
        self._most_bytes = most_bytes
        self._changed = threading.Condition()
        self._changes = 0
        try:
            self._holders = Holders(path.with_name(f"{path.name}-holders"))
            with self._database.write() as db:
                free_the_dead(db, self._holders)
        except BaseException as error:
            self._database.close()
            if isinstance(error, OSError):
                raise QueueError(f"the queue {path} cannot be opened ({error}).") from None
            raise

    @property
    def set_aside(self) -> Path | None:
        """Where a damaged queue was moved to, if there was one."""
        return self._database.set_aside

    def add(self, request: RunRequest) -> RunRow:
        """Accept a run; when this returns it is on the disk.

        Raises:
            UnfitRequestError: It cannot be kept as it is.
            QueueFullError: Too many wait.
            DifferentRequestError: The idempotency key was used for something else.
            QueueError: It cannot be written.
        """
        body = body_of(request)
        digest = hashlib.sha256(body.encode()).hexdigest()
        asked = request_digest(digest, request)
        with self._database.write() as db:
            if before := known(db, request, asked):
                return before
            refuse_flood(db, request.client, *self._limits)
            make_room(db, self._most_bytes)
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
            free_the_dead(db, self._holders)
            if flag(db, "paused"):
                return None
            row = db.execute(
                "UPDATE run SET state = 'running', attempt = attempt + 1, holder = ?, started = ?"
                " WHERE id = (SELECT id FROM run WHERE state = 'queued'"
                " ORDER BY priority DESC, place, id LIMIT 1)"
                " RETURNING id, attempt",
                (self._holders.name, time.time()),
            ).fetchone()
            if row is None:
                return None
            request = asked_for(db, row[0])
        assert request is not None  # noqa: S101 - the run is there
        number, attempt = row
        return Claim(number, attempt, request)

    def finish(self, claim: Claim, ending: Ending, story: Sequence[Mapping[str, Any]] = ()) -> bool:
        """Note how a run ended; False when this attempt is not the one that runs it any more.

        Args:
            claim: The attempt.
            ending: How it ended.
            story: What happened, as JSON, in order.
        """
        with self._database.write() as db:
            done = db.execute(
                "UPDATE run SET state = ?, finished = ?, ending = ?, holder = NULL"
                " WHERE id = ? AND attempt = ? AND holder = ? AND state = 'running'",
                (
                    ending.state, time.time(), plain(asdict(ending)),
                    claim.id, claim.attempt, self._holders.name,
                ),
            )  # fmt: skip
            if done.rowcount and story:
                told = json.dumps(list(story), separators=(",", ":"))
                db.execute("INSERT OR REPLACE INTO story VALUES (?, ?)", (claim.id, told))
        self._tell()
        return done.rowcount == 1

    def give_back(self, claim: Claim) -> None:
        """Let a run wait again that was not ended: the process is asked to stop."""
        with self._database.write() as db:
            db.execute(
                "UPDATE run SET state = 'queued', holder = NULL, attempt = attempt - 1"
                " WHERE id = ? AND attempt = ? AND holder = ? AND state = 'running'",
                (claim.id, claim.attempt, self._holders.name),
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

    def move(
        self, number: int, priority: int | None = None, *, before: int | None = None
    ) -> RunRow | None:
        """Change when a waiting run is taken; one that does not wait stays as it is.

        Args:
            number: The run.
            priority: Its new priority; behind those that have it.
            before: A waiting run; the moved one gets its priority and the place before it.

        Returns:
            The run; None when there is no such.

        Raises:
            UnfitRequestError: The priority is out of bounds.
        """
        if priority is not None:
            refuse_priority(priority)
        with self._database.write() as db:
            if (row := find(db, number)) and row.state == "queued":
                if priority is not None:
                    db.execute(
                        "UPDATE run SET priority = ?, place = ? WHERE id = ?",
                        (priority, time.time(), number),
                    )
                if before is not None and before != number:
                    put_before(db, number, before)
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
            return asked_for(db, number)

    def story(self, number: int) -> list[dict[str, Any]]:
        """What happened in a run that has ended, as JSON, in order."""
        with self._database.read() as db:
            row = db.execute("SELECT body FROM story WHERE run = ?", (number,)).fetchone()
        return json.loads(row[0]) if row else []

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
        """Close the file; what this holder had taken waits again for the next one."""
        self._holders.close()
        self._database.close()

    def _tell(self) -> None:
        with self._changed:
            self._changes += 1
            self._changed.notify_all()
