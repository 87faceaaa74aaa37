"""Keeps the queue in order: runs of the dead wait again, the oldest ended ones are forgotten."""

from __future__ import annotations

import sqlite3
import time

from engine.queue.holders import Holders
from engine.queue.rows import QueueFullError

MOST_ATTEMPTS = 3
"""A run that was running when its process died so often is set aside."""
MOST_BYTES = 2_000_000_000
"""Of the file; the documents of the runs take most of it."""
_PART = 10  # a tenth of what has ended is forgotten at once, so that it is rarely done
_TAKEN_UP = "the process died with it; it goes on from what is stored"
_POISONED = f"the process died {MOST_ATTEMPTS} times with it, so it is not tried again"


def free_the_dead(db: sqlite3.Connection, holders: Holders) -> None:
    """Let runs wait again whose holder has died, but for those that it died of too often."""
    others = db.execute(
        "SELECT DISTINCT holder FROM run WHERE state = 'running' AND holder != ?", (holders.name,)
    ).fetchall()
    for (holder,) in others:
        if holders.is_gone(holder):
            db.execute(
                "UPDATE run SET state = 'poisoned', holder = NULL, finished = ?, note = ?"
                " WHERE state = 'running' AND holder = ? AND attempt >= ?",
                (time.time(), _POISONED, holder, MOST_ATTEMPTS),
            )
            db.execute(
                "UPDATE run SET state = 'queued', holder = NULL, note = ?"
                " WHERE state = 'running' AND holder = ?",
                (_TAKEN_UP, holder),
            )


def make_room(db: sqlite3.Connection, most_bytes: int) -> None:
    """Forget the oldest runs that have ended while the file is too large.

    Raises:
        QueueFullError: What waits takes all the room by itself.
    """
    while _bytes(db) > most_bytes:
        if not _forget_some(db):
            raise QueueFullError(
                f"what waits takes more than {most_bytes / 1e6:g} MB; try again later."
            )


def _bytes(db: sqlite3.Connection) -> int:
    """How much of the file is in use."""
    pages, free, size = (
        db.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def _forget_some(db: sqlite3.Connection) -> bool:
    """Remove the oldest part of what has ended, and documents that nobody asks for any more."""
    (count,) = db.execute(
        "SELECT count(*) FROM run WHERE state NOT IN ('queued', 'running')"
    ).fetchone()
    db.execute(
        "DELETE FROM run WHERE id IN (SELECT id FROM run"
        " WHERE state NOT IN ('queued', 'running') ORDER BY id LIMIT ?)",
        (-(-count // _PART),),
    )
    db.execute("DELETE FROM document WHERE digest NOT IN (SELECT document FROM run)")
    return bool(count)
