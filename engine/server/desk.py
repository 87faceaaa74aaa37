"""Runs as the interface tells them: between the queue's rows and the documents that go out."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from engine.queue.database import QueueError
from engine.queue.queue import RunQueue
from engine.queue.rows import DifferentRequestError, QueueFullError, RunRow
from engine.server.contained import missing
from engine.server.examiner import Examiner, request_of
from engine.server.feed import Feed
from engine.server.refusals import RefusedError
from engine.server.teller import Teller

_RUN_ID = re.compile(r"[1-9][0-9]{0,14}")
_ARTIFACT_ID = re.compile(r"([1-9][0-9]{0,14})-(0|[1-9][0-9]{0,4})")
_SHOWN = 50


@dataclass(frozen=True)
class Desk:
    """Takes runs in and tells about them; every method may be called from any thread.

    Attributes:
        queue: The runs.
        teller: Tells changes.
        examiner: Checks and plans.
        stop_run: Asks the runner to cancel a run that computes.
    """

    queue: RunQueue
    teller: Teller
    examiner: Examiner
    stop_run: Callable[[int], object]
    _since: float = field(default_factory=time.monotonic)

    @property
    def feed(self) -> Feed:
        """What everybody is told."""
        return self.teller.feed

    def health(self) -> dict[str, Any]:
        """Tell that the server is there; from memory, so that nothing can delay it."""
        seconds = round(time.monotonic() - self._since, 1)
        return {"status": "ok", "epoch": self.feed.epoch, "seconds": seconds}

    def check(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """List all problems of a workflow."""
        return self._hidden(self.examiner.check(body))

    def plan(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Tell what would run and why."""
        return self._hidden(self.examiner.plan(body))

    def submit(self, body: Mapping[str, Any], key: str | None, client: str) -> dict[str, Any]:
        """Keep a run; it is on the disk when this returns.

        Raises:
            RefusedError: When too many wait, the key came with something else, or the disk fails.
        """
        with _refusals():
            return self.teller.tell(self.queue.add(request_of(body, client, key)))

    def runs(self, limit: int, before: str | None) -> dict[str, Any]:
        """List runs, newest first; `next` asks for the next page."""
        with _refusals():
            rows = self.queue.list(before=_number(before) if before else None, limit=limit)
        more = str(rows[-1].id) if len(rows) == limit else None
        return {"runs": [self.teller.told(row) for row in rows], "next": more}

    def run(self, text: str) -> dict[str, Any]:
        """Tell about a run.

        Raises:
            RefusedError: 404 when there is no such run.
        """
        return self.teller.told(self._row(text))

    def asked(self, text: str) -> dict[str, Any]:
        """Tell what was asked for with a run: workflow, name, values to set.

        Raises:
            RefusedError: 404 when there is no such run.
        """
        with _refusals():
            request = self.queue.request(_number(text))
        if request is None:
            raise missing()
        changes = dict(change.split("=", 1) for change in request.changes)
        return {"workflow": request.document, "name": request.name, "set": changes}

    def story(self, text: str) -> dict[str, Any]:
        """Tell what happened in a run that has ended; nothing while it has not.

        Raises:
            RefusedError: 404 when there is no such run.
        """
        number = self._row(text).id
        with _refusals():
            events = self.queue.story(number)
        return self._hidden({"events": events})

    def cancel(self, text: str) -> dict[str, Any]:
        """Cancel a run: at once when it waits, else its runner is asked to.

        Raises:
            RefusedError: 404 when there is no such run.
        """
        with _refusals():
            row = self.queue.cancel(_number(text))
        if row is None:
            raise missing()
        if row.state == "running":
            self.stop_run(row.id)
        return self.teller.tell(row)

    def move(self, text: str, priority: int | None, before: str | None) -> dict[str, Any]:
        """Give a waiting run another priority, or the place before another.

        Raises:
            RefusedError: 404 when there is no such run, 409 when it does not wait.
        """
        other = None if before is None else _number(before)
        with _refusals():
            row = self.queue.move(_number(text), priority, before=other)
        if row is None:
            raise missing()
        if row.state != "queued":
            raise RefusedError("conflict", f"The run is {row.state}; only one that waits is moved.")
        return self.teller.tell(row)

    def waiting(self) -> dict[str, Any]:
        """Tell how much waits."""
        with _refusals():
            counts, paused = self.queue.counts(), self.queue.paused
        return {"paused": paused, "queued": counts.get("queued", 0),
                "running": counts.get("running", 0)}  # fmt: skip

    def hold(self, paused: bool) -> dict[str, Any]:
        """Stop beginning runs, or go on."""
        with _refusals():
            self.queue.pause(paused=paused)
        told = self.waiting()
        self.feed.tell("", {"event": "queue-changed", **told})
        return told

    def current(self, text: str | None) -> dict[str, Any]:
        """Tell how things stand, for a snapshot."""
        runs = [self.run(text)] if text else self.runs(_SHOWN, None)["runs"]
        return {"runs": runs, "queue": self.waiting()}

    def artifact(self, text: str) -> str:
        """Return the name of a file, relative to the output folder.

        Raises:
            RefusedError: 404 when there is no such file.
        """
        match = _ARTIFACT_ID.fullmatch(text)
        if match is None:
            raise missing()
        row = self._row(match[1])
        files = row.ending.files if row.ending else ()
        if int(match[2]) >= len(files):
            raise missing()
        return files[int(match[2])]

    def _row(self, text: str) -> RunRow:
        with _refusals():
            row = self.queue.get(_number(text))
        if row is None:
            raise missing()
        return row

    def _hidden(self, told: dict[str, Any]) -> dict[str, Any]:
        hidden = self.teller.private.value(told)
        assert isinstance(hidden, dict)  # noqa: S101 - a mapping stays one
        return hidden


def _number(text: str) -> int:
    if not _RUN_ID.fullmatch(text):
        raise missing()
    return int(text)


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn what the queue refuses into answers."""
    kinds = {QueueFullError: "flooded", DifferentRequestError: "conflict", QueueError: "storage"}
    try:
        yield
    except tuple(kinds) as error:
        sentence = str(error)
        headers = {"Retry-After": "5"} if isinstance(error, QueueFullError) else None
        raise RefusedError(
            kinds[type(error)], sentence[:1].upper() + sentence[1:], headers=headers
        ) from None
