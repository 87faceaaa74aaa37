"""A task that somebody waits for: whether it was cancelled, and that it ends exactly once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from engine.backends.backend import Listen
from engine.backends.report import Failed
from engine.backends.task import Task

CANCELLED = Failed("cancelled", "cancelled")


@dataclass(eq=False)
class Job:
    """One submitted task."""

    task: Task
    report: Listen
    cancelled: threading.Event = field(default_factory=threading.Event)
    _interrupt: Callable[[], None] | None = None
    _lock: Any = field(default_factory=threading.RLock)  # a signal may interrupt who holds it

    def cancel(self) -> None:
        """Ask it to stop."""
        with self._lock:
            self.cancelled.set()
            interrupt = self._interrupt
        if interrupt:
            interrupt()

    def interrupted_by(self, interrupt: Callable[[], None]) -> None:
        """Name what `cancel` calls besides setting the flag; called at once if it is too late."""
        with self._lock:
            self._interrupt = interrupt
            late = self.cancelled.is_set()
        if late:
            interrupt()


class Jobs:
    """The jobs a backend has not ended yet."""

    def __init__(self) -> None:
        self._open: dict[Job, None] = {}
        self._lock = threading.Condition()

    def add(self, job: Job) -> None:
        """Take a new one."""
        with self._lock:
            self._open[job] = None

    def remove(self, job: Job) -> None:
        """Forget one that has ended."""
        with self._lock:
            self._open.pop(job, None)
            self._lock.notify_all()

    def wait(self, seconds: float) -> bool:
        """Wait until there are none; False when it takes longer."""
        with self._lock:
            return self._lock.wait_for(lambda: not self._open, seconds)

    def cancel(self, key: str | None = None) -> None:
        """Cancel those of a key, or all."""
        with self._lock:
            chosen = [job for job in self._open if key in (None, job.task.key)]
        for job in chosen:
            job.cancel()
