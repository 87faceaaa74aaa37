"""What the queue does not take: requests that make no sense, and too many or too large ones."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from engine.queue.rows import QueueFullError, RunRequest, UnfitRequestError
from engine.workflow import MAX_BYTES

MOST_CHARACTERS = 200
"""Of a name, of a client's name and of an idempotency key."""
MOST_CHANGES = 1_000
PRIORITIES = range(-1_000, 1_001)
_LONGEST_CHANGE = 100_000


def body_of(request: RunRequest) -> str:
    """Return the document as text, its keys in the order they came.

    Raises:
        UnfitRequestError: The request cannot be kept, and why.
    """
    for name in ("name", "client", "idempotency"):
        _refuse_text(name, getattr(request, name))
    refuse_priority(request.priority)
    _refuse_changes(request.changes)
    try:
        body = json.dumps(request.document, separators=(",", ":"))
    except RecursionError:
        raise UnfitRequestError("the document is nested too deep.") from None
    except (TypeError, ValueError) as error:
        raise UnfitRequestError(f"the document is no JSON ({error}).") from None
    if len(body) > MAX_BYTES:
        got = f"{len(body) / 1e6:.1f} MB"
        raise UnfitRequestError(
            f"the document has {got}, at most {MAX_BYTES // 1_000_000} are taken."
        )
    return body


def refuse_priority(priority: int) -> None:
    """Let only priorities pass that mean something.

    Raises:
        UnfitRequestError: It is another one.
    """
    if priority not in PRIORITIES:
        bounds = f"{PRIORITIES[0]} to {PRIORITIES[-1]}"
        raise UnfitRequestError(f"the priority is {priority}, it must be from {bounds}.")


def refuse_flood(db: sqlite3.Connection, client: str, most_waiting: int, most_of_one: int) -> None:
    """Let only so many runs wait.

    Raises:
        QueueFullError: As many do, of all clients or of this one.
    """
    waiting = "SELECT count(*) FROM run WHERE state = 'queued'"
    (all_in_all,) = db.execute(waiting).fetchone()
    if all_in_all >= most_waiting:
        raise QueueFullError(f"{all_in_all} runs wait already; try again later.")
    (of_one,) = db.execute(f"{waiting} AND client = ?", (client,)).fetchone()
    if of_one >= most_of_one:
        raise QueueFullError(f"{of_one} runs of this client wait already; try again later.")


def _refuse_text(what: str, text: str | None) -> None:
    if text is not None and (len(text) > MOST_CHARACTERS or not text.isprintable()):
        raise UnfitRequestError(
            f"the {what} is {text[:40]!a}; it must be plain text of at most "
            f"{MOST_CHARACTERS} characters."
        )


def _refuse_changes(changes: Iterable[str]) -> None:
    given = list(changes)
    if len(given) > MOST_CHANGES:
        raise UnfitRequestError(f"{len(given)} values are set, at most {MOST_CHANGES} are taken.")
    longest = max(map(len, given), default=0)
    if longest > _LONGEST_CHANGE:
        raise UnfitRequestError(
            f"a value has {longest} characters, at most {_LONGEST_CHANGE} are taken."
        )
