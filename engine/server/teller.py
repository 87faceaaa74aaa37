"""Puts runs and their events into the words of the interface, and tells them to everybody."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import PurePath
from threading import Lock
from typing import Any

from engine.errors import EngineError
from engine.events import Event, StepPreview
from engine.queue.queue import RunQueue
from engine.queue.rows import ENDED, RunRow
from engine.server.feed import Feed
from engine.server.private import Private
from engine.server.serving import SHOWN, raster_type

_FIGURES = ("state", "name", "priority", "attempt", "created", "started", "finished")
_LONGEST = 2000  # characters of a message
_MOST_FAILURES = 100


@dataclass(frozen=True)
class Teller:
    """Tells what changes; every method may be called from any thread.

    Attributes:
        queue: The runs.
        feed: Where it is told.
        private: What is not told.
    """

    queue: RunQueue
    feed: Feed
    private: Private
    _turn: Lock = field(default_factory=Lock, repr=False)

    def hear(self, number: int, event: Event) -> None:
        """Tell an event of a run that computes; tracebacks and paths stay here."""
        picture = None
        if isinstance(event, StepPreview):
            picture = event.value.mime, event.value.data
            if raster_type(picture[1]) != picture[0] or picture[0] not in SHOWN:
                return  # a node may not make a page of it
        body = event.to_json()
        body.pop("trace", None)
        body.update({"message": _short(body["message"])} if "message" in body else {})
        if "files" in body:
            body["files"] = [PurePath(file).name for file in body["files"]]
        self.feed.tell(str(number), self.private.value(body), picture)

    def changed(self, number: int) -> None:
        """Tell how a run stands by now.

        Read and told in one turn: else a run that ends while its acceptance is told would be
        queued again for whoever listens.
        """
        with self._turn, suppress(EngineError):  # the disk fails; who asks for the run is told so
            row = self.queue.get(number)
            if row is not None:
                kind = "run-ended" if row.state in ENDED else "run-changed"
                told = self.told(row)
                self.feed.tell(told["id"], {"event": kind, "details": told})

    def tell(self, row: RunRow) -> dict[str, Any]:
        """Tell how a run stands by now, and return how it stood in a row."""
        self.changed(row.id)
        return self.told(row)

    def told(self, row: RunRow) -> dict[str, Any]:
        """Write a run as the interface does."""
        body = row.to_json()
        failed = list((body.get("failures") or {}).items())[:_MOST_FAILURES]
        failures = {step: _short(message) for step, message in failed}
        told = {
            "id": str(row.id),
            **{name: body[name] for name in _FIGURES},
            "problems": body.get("problems") or [],
            "failures": failures,
            "message": "; ".join([*filter(None, [row.note]), *failures.values()]),
            "counts": body.get("counts") or {},
            "artifacts": [
                _artifact(row.id, index, name) for index, name in enumerate(body.get("files") or ())
            ],
        }
        hidden = self.private.value(told)
        assert isinstance(hidden, dict)  # noqa: S101 - a mapping stays one
        return hidden


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _artifact(run: int, index: int, name: str) -> dict[str, str]:
    number = f"{run}-{index}"
    return {"id": number, "name": name, "href": f"/api/v1/artifacts/{number}"}
