"""Threads that take work in turn: leaner than the standard pool, as nobody waits for a result.

A step that never listens keeps its thread; it is a daemon, so it does not keep the process.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue

Work = Callable[[], None]


class Threads:
    """At most `count` threads, each started when there is more work than idle ones.

    Args:
        count: How many.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._work: SimpleQueue[Work | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._started = 0
        self._idle = 0

    def submit(self, work: Work) -> None:
        """Have something done; it must not raise."""
        with self._lock:
            if self._idle:
                self._idle -= 1  # it is that thread's now
            elif self._started < self._count:
                self._started += 1
                name = f"step-{self._started}"
                threading.Thread(target=self._serve, name=name, daemon=True).start()
        self._work.put(work)

    def close(self) -> None:
        """End the threads, each when it is done; nothing more may be submitted."""
        for _ in range(self._count):
            self._work.put(None)

    def _serve(self) -> None:
        while work := self._work.get():
            work()
            with self._lock:
                self._idle += 1
