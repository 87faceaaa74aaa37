"""What is asked of an open database: rows as records, keys that were used, flags."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from engine.queue.rows import DifferentRequestError, Ending, RunRequest, RunRow

_SHOWN = (
    "id", "state", "name", "priority", "attempt", "created", "started", "finished", "note",
)  # fmt: skip


def known(db: sqlite3.Connection, request: RunRequest, asked: str) -> RunRow | None:
    """The run that this client's key stands for."""
    if request.idempotency is None:
        return None
    found = db.execute(
        "SELECT request, shown.* FROM run JOIN shown USING (id)"
        " WHERE client = ? AND idempotency = ?",
        (request.client, request.idempotency),
    ).fetchone()
    if found is None:
        return None
    if found[0] != asked:
        message = f"the key {request.idempotency!r} was used for another run; use a new one."
        raise DifferentRequestError(message)
    return row_of(found[1:])


def request_digest(document: str, request: RunRequest) -> str:
    """What makes two requests the same: the document by its digest, and all that is asked."""
    rest = [document, request.name, request.changes, request.priority]
    return hashlib.sha256(plain(rest).encode()).hexdigest()


def find(db: sqlite3.Connection, number: int) -> RunRow | None:
    """A run by its number; None when there is no such."""
    if not 0 <= number < 2**63:
        return None
    row = db.execute("SELECT * FROM shown WHERE id = ?", (number,)).fetchone()
    return None if row is None else row_of(row)


def asked_for(db: sqlite3.Connection, number: int) -> RunRequest | None:
    """What was asked for with a run; None when there is no such."""
    if not 0 <= number < 2**63:
        return None
    row = db.execute(
        "SELECT body, name, changes, priority, client FROM run"
        " JOIN document ON document = digest WHERE id = ?",
        (number,),
    ).fetchone()
    if row is None:
        return None
    body, name, changes, priority, client = row
    return RunRequest(json.loads(body), name, tuple(json.loads(changes)), priority, client)


def put_before(db: sqlite3.Connection, number: int, other: int) -> None:
    """Give a waiting run the place before another that waits."""
    if (row := find(db, other)) is None or row.state != "queued":
        return
    (place,) = db.execute("SELECT place FROM run WHERE id = ?", (other,)).fetchone()
    (behind,) = db.execute(
        "SELECT max(place) FROM run WHERE state = 'queued' AND priority = ? AND id != ?"
        " AND (place, id) < (?, ?)",
        (row.priority, number, place, other),
    ).fetchone()
    between = place - 1.0 if behind is None else (place + behind) / 2
    db.execute(
        "UPDATE run SET priority = ?, place = ? WHERE id = ?", (row.priority, between, number)
    )


def flag(db: sqlite3.Connection, name: str) -> bool:
    """Whether a flag is set."""
    row = db.execute("SELECT value FROM flag WHERE name = ?", (name,)).fetchone()
    return row is not None and row[0] == "1"


def row_of(found: tuple[Any, ...]) -> RunRow:
    """A row of `shown` as a record."""
    ending = None
    if found[-1] is not None:
        body: Mapping[str, Any] = json.loads(found[-1])
        lists = {name: tuple(body[name]) for name in ("files", "problems")}
        ending = Ending(**{**body, **lists})
    told = dict(zip(_SHOWN, found[:-1], strict=True))
    return RunRow(**told, ending=ending)


def existing(db: sqlite3.Connection, number: int) -> RunRow:
    """A run that is there."""
    row = find(db, number)
    assert row is not None  # noqa: S101 - its number has just been given out
    return row


def plain(value: Any) -> str:
    """JSON that is the same for equal values."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
