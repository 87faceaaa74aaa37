"""A worker process: takes tasks from its standard input, gives reports on its standard output.

Both streams are taken away from the process before a node is imported: what nodes print goes to
standard error, and nothing they do to standard output reaches the reports.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from engine.backends.failure import failure
from engine.backends.inline import InlineBackend
from engine.backends.report import Preview, Progress, Report
from engine.backends.task import Task
from engine.backends.wire import CONNECTION_LOST, Setup, from_line, report_to_json, to_line
from engine.cache import Cache
from engine.memory import Memory, Resources
from engine.registry import Registry
from engine.store import Store

_PARTING_SECONDS = 1.0


def serve(make_registry: Callable[[], Registry]) -> NoReturn:
    """Compute until the input ends, then leave at once."""
    receive, send = _private_streams()
    outbox = Outbox(send)
    tasks: dict[int, Task] = {}
    try:
        store, backend = _backend(receive, make_registry)
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent shall say it
        outbox.put({"unfit": failure(error).message.rstrip(".")})
    else:
        outbox.put({"ready": True})
        for line in receive:
            if message := from_line(line):
                _obey(message, backend, outbox, tasks)
        backend.cancel_all()
        backend.wait(_PARTING_SECONDS)  # a step may save its progress now
        store.settle()
    outbox.close()
    os._exit(0)  # a thread that never listens must not keep the process


class Outbox:
    """Messages on their way out; in one slot only the newest waits."""

    def __init__(self, send: BinaryIO) -> None:
        self._send = send
        self._waiting: dict[Hashable, dict[str, Any]] = {}
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._write, name="reports", daemon=True)
        self._thread.start()

    def put(self, message: dict[str, Any], slot: Hashable = None) -> None:
        """Send a message after those that wait; it replaces the one in its slot."""
        with self._changed:
            place = slot or object()
            self._waiting.pop(place, None)
            self._waiting[place] = message
            self._changed.notify()

    def close(self) -> None:
        """Send what waits, and stop."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join(_PARTING_SECONDS)

    def _write(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return
                messages, self._waiting = list(self._waiting.values()), {}
            try:
                self._send.write(b"".join(map(to_line, messages)))
                self._send.flush()
            except (OSError, ValueError):  # nobody reads any more, or a node closed it
                os._exit(CONNECTION_LOST)


def _private_streams() -> tuple[BinaryIO, BinaryIO]:
    """Take standard input and output away; printing goes to standard error from now on."""
    receive, send = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return receive, send


def _backend(
    receive: BinaryIO, make_registry: Callable[[], Registry]
) -> tuple[Store, InlineBackend]:
    setup = Setup(**(from_line(receive.readline()) or {}))
    store, memory = Store(Path(setup.store), setup.limit), Memory(setup.memory)
    cache = Cache(store, setup.results, memory, Resources(), setup.reading)
    registry, checking = make_registry(), setup.check_mutation
    return store, InlineBackend(registry, cache, setup.threads, hold=False, check_mutation=checking)


def _obey(
    message: dict[str, Any], backend: InlineBackend, outbox: Outbox, tasks: dict[int, Task]
) -> None:
    if number := message.get("cancel"):
        if task := tasks.get(number):
            backend.cancel(task.key)
        return
    number = message["task"]
    task = tasks[number] = Task.from_json(message["body"])

    def tell(report: Report) -> None:
        body = report_to_json(report)
        if body is None:
            return
        slot = (number, body["report"]) if isinstance(report, Progress | Preview) else None
        if slot is None and body["report"] != "notice":
            tasks.pop(number, None)
        outbox.put({"task": number, **body}, slot)

    backend.submit(task, tell)
