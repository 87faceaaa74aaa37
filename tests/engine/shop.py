"""A queue with a runner over the toy nodes, and what was heard of its runs."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.backends.inline import InlineBackend
from engine.events import Event
from engine.files import Files
from engine.queue.queue import RunQueue
from engine.queue.rows import ENDED, RunRequest, RunRow
from engine.runner import Runner
from engine.workshop import Workshop
from tests.engine.workbench import DEFAULTS, REGISTRY, Workbench, document, step

SAY = document(say=step("Say", text="hi"), save=step("Save", words="@say.words"))


class Shop:
    """A queue, a runner, and what was heard."""

    def __init__(self, folder: Path) -> None:
        self.bench = Workbench(folder)
        self.queue = RunQueue(folder / "queue.db")
        self.events: list[tuple[int, Event]] = []
        self.ended = threading.Condition()
        cache = self.bench.cache()
        self.backend = InlineBackend(REGISTRY, cache, 4)
        roots = {"inputs": [folder], "models": []}
        files = Files(roots, self.bench.store.digest_of)  # type: ignore[arg-type]
        self.shop = Workshop(REGISTRY, files, cache, self.backend, DEFAULTS)
        self.runner = Runner(self.queue, self.shop, self._hear, self._changed)

    def _hear(self, number: int, event: Event) -> None:
        self.events.append((number, event))

    def _changed(self, number: int) -> None:
        with self.ended:
            self.ended.notify_all()

    def run(self, written: Any, *changes: str) -> RunRow:
        return self.wait(self.queue.add(RunRequest(written, changes=changes)).id)

    def wait(self, number: int) -> RunRow:
        def found() -> RunRow | None:
            row = self.queue.get(number)
            return row if row and row.state in ENDED else None

        with self.ended:
            assert self.ended.wait_for(lambda: found() is not None, 20)
        row = found()
        assert row is not None
        return row


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[Shop]:
    shop = Shop(folder)
    shop.runner.start()
    try:
        yield shop
    finally:
        assert shop.runner.stop(20)
        shop.backend.close()
        shop.queue.close()
