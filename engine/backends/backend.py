"""The seam between deciding what to compute and computing it.

An executor makes a `Task` (engine/backends/task.py) of every step it wants computed and submits it
with a function that takes `Report`s (engine/backends/report.py)::

    backend.submit(task, report)   # returns at once; `report` is called from any thread
    # Progress, Preview, Notice: any number of times, then exactly one of
    # Finished(record, reused, held)            the result; `held`: release its outputs in memory
    # Failed(kind, message, trace, detail)      kind: refused | broken | memory | died | vanished |
    #                                           cancelled; `detail`: the digest that vanished
    backend.cancel(key)            # every task of that key ends, most of them as cancelled
    backend.cancel_all()
    backend.close()                # cancels all; call it once, when nothing more is submitted

What crosses is JSON and digests, so a backend may compute in another process. How many tasks
compute at once is for whoever submits them; a backend queues what it cannot begin yet. Tasks of
equal key compute once, also across processes: the others wait and end with `reused`, unless their
`Task.reuse` is False. `Notice`s may repeat. One conformance suite holds every backend to this.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from engine.backends.report import Report
from engine.backends.task import Task

Listen = Callable[[Report], None]


class Backend(Protocol):
    """Computes tasks."""

    def submit(self, task: Task, report: Listen) -> None:
        """Take a task; `report` hears of it from any thread, last by Finished or Failed."""

    def cancel(self, key: str) -> None:
        """Ask every task of a key to stop; one that waits ends without computing."""

    def cancel_all(self) -> None:
        """Ask every task to stop."""

    def close(self) -> None:
        """Cancel all and free threads and processes."""
