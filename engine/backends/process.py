"""Computes in one spawned process, which may crash, be killed or run out of memory.

The process is started by the first task and replaced when it dies. A task is blamed for a death
when it ran alone; of several that ran together each is tried again alone, so that the others of a
run never suffer from one.
"""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from engine.backends.backend import Listen
from engine.backends.child import Child
from engine.backends.job import CANCELLED, Job
from engine.backends.report import Ending, Failed, Report
from engine.backends.task import Task
from engine.backends.wire import Setup, report_from_json
from engine.errors import reason

GRACE_SECONDS = 2.0


class ProcessBackend:
    """One worker process at a time.

    Args:
        command: Starts a process that calls `engine.backends.worker.serve`.
        setup: Folders, memory and threads of the worker.
        grace: Seconds a cancelled task has to listen; then its process gets SIGTERM, and after as
            long again SIGKILL.
    """

    def __init__(
        self,
        command: Sequence[str],
        setup: Setup,
        grace: float = GRACE_SECONDS,
    ) -> None:
        self._command = command
        self._setup = setup
        self._grace = grace
        self._lock = threading.RLock()
        self._numbers = itertools.count(1)
        self._waiting: deque[Job] = deque()
        self._running: dict[int, Job] = {}
        self._suspects: set[Job] = set()
        self._endings: list[tuple[Job, Ending]] = []
        self._child: Child | None = None
        self._unfit = ""
        self._ending = False

    def submit(self, task: Task, report: Listen) -> None:
        """Take a task."""
        with self._lock:
            self._waiting.append(Job(task, report))
            self._dispatch()
        self._report_endings()

    def cancel(self, key: str) -> None:
        """Stop the tasks of a key; one that does not listen within the grace costs the process."""
        self._cancel(lambda job: job.task.key == key)

    def cancel_all(self) -> None:
        """Stop every task likewise."""
        self._cancel(lambda job: True)

    def close(self) -> None:
        """Cancel all and end the process, waiting for it."""
        self.cancel_all()
        with self._lock:
            child = self._child
        if child:
            child.leave()
            child.join()

    def _cancel(self, chosen: Callable[[Job], bool]) -> None:
        with self._lock:
            dropped = [job for job in self._waiting if chosen(job)]
            self._waiting = deque(job for job in self._waiting if not chosen(job))
            self._suspects -= set(dropped)
            self._endings += [(job, CANCELLED) for job in dropped]
            asked = [number for number, job in self._running.items() if chosen(job)]
            for number in asked:
                self._running[number].cancel()
                self._tell({"cancel": number})
            if asked:
                self._insist_later(asked)
            self._dispatch()
        self._report_endings()

    def _insist_later(self, numbers: Sequence[int]) -> None:
        """End the process after the grace if it still computes what was cancelled."""

        def insist() -> None:
            with self._lock:
                hangs = any(number in self._running for number in numbers)
                if hangs and child and child is self._child:
                    self._ending = True
                    child.end()

        child = self._child
        timer = threading.Timer(self._grace, insist)
        timer.daemon = True
        timer.start()

    def _dispatch(self) -> None:
        """Send what may run now; the lock is held."""
        while self._waiting and self._has_room():
            job = self._waiting.popleft()
            if self._child is None and (fault := self._start()):
                self._suspects.discard(job)
                self._endings.append((job, fault))
                continue
            number = next(self._numbers)
            self._running[number] = job
            self._tell({"task": number, "body": job.task.to_json()})

    def _has_room(self) -> bool:
        return len(self._running) < (1 if self._suspects else self._setup.threads)

    def _start(self) -> Failed | None:
        """Start a worker; say why when the system cannot."""
        self._ending, self._unfit = False, ""
        try:
            self._child = Child(self._command, self._hear, self._gone, self._grace)
        except OSError as error:
            return _unfit(f"{reason(error)}: {self._command[0]}")
        self._tell(asdict(self._setup))
        return None

    def _tell(self, message: dict[str, Any]) -> None:
        if self._child:
            self._child.send(message)

    def _hear(self, message: dict[str, Any]) -> bool:
        """Pass a report on; False for what is none."""
        if "ready" in message:
            return True
        if "unfit" in message:
            self._unfit = str(message["unfit"])
            return True
        try:
            number = message.pop("task")
            report = report_from_json(message)
        except (ValueError, TypeError, KeyError, AttributeError):
            return False
        self._pass_on(number, report)
        return True

    def _pass_on(self, number: int, report: Report) -> None:
        with self._lock:
            job = self._running.get(number)
            if job and isinstance(report, Ending):
                del self._running[number]
                self._suspects.discard(job)
                self._endings.append((job, report))
                self._dispatch()
        if job and not isinstance(report, Ending):
            job.report(report)
        self._report_endings()

    def _gone(self, how: str) -> None:
        """Settle what the dead process was computing; the rest goes on in a new one."""
        with self._lock:
            self._child = None
            lost = list(self._running.values())
            self._running.clear()
            self._suspects -= set(lost)
            alone = len(lost) == 1 and not self._ending
            died = _unfit(self._unfit) if self._unfit else Failed("died", how)
            cancelled = [job for job in lost if job.cancelled.is_set()]
            again = [job for job in lost if not (job in cancelled or alone)]
            self._endings += [(job, CANCELLED) for job in cancelled]
            self._endings += [(job, died) for job in lost if job not in (*cancelled, *again)]
            self._waiting.extendleft(reversed(again))
            if not self._ending:
                self._suspects.update(again)
            self._dispatch()
        self._report_endings()

    def _report_endings(self) -> None:
        """Report without the lock, so that a listener may do what it likes."""
        with self._lock:
            endings, self._endings = self._endings, []
        for job, ending in endings:
            job.report(ending)


def _unfit(why: str) -> Failed:
    return Failed("died", f"the worker process could not start ({why})")
