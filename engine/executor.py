"""Runs a plan: pulls what the targets need, starts a step when its last parent is done.

One thread coordinates; `workers` threads compute. When a step is done its outputs are known by
content, so a child may turn out to be in the store after all (early cutoff). Equal keys run once.
A failure skips the descendants of the step and nothing else.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Literal

from engine.backends.backend import Backend
from engine.backends.report import Ending, Failed, Notice, Preview, Progress, Report
from engine.backends.task import Task
from engine.cache import Cache
from engine.events import (
    Event,
    Listener,
    RunDone,
    RunStarted,
    StepDone,
    StepFailed,
    StepPreview,
    StepProgress,
    StepSkipped,
    StepStarted,
    Warned,
)
from engine.graph import Graph, Step
from engine.history import History
from engine.keys import action_key, described_inputs
from engine.node import Settings
from engine.plan import Plan, output_values
from engine.ports import FileRef
from engine.records import Record, Value
from engine.workflow import Link

State = Literal["cached", "computed", "failed", "skipped"]
Status = Literal["done", "failed", "cancelled"]


@dataclass
class Outcome:
    """How a run ended: a state per finished step, and the files it saved or found saved."""

    status: Status = "done"
    states: dict[str, State] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)

    def count(self, state: State) -> int:
        """Count the steps in a state."""
        return sum(found == state for found in self.states.values())


class Run:
    """One execution of a plan."""

    def __init__(
        self,
        plan: Plan,
        cache: Cache,
        settings: Settings,
        listen: Listener,
        backend: Backend,
        workers: int = 1,
        history: History | None = None,
    ) -> None:
        self._plan = plan
        self._graph = plan.graph
        self._cache = cache
        self._workers = workers
        self._history = history
        self._listen = listen
        self._lock = threading.Lock()
        self._seq = 0
        self._warned: set[str] = set()
        self._backend = backend
        self._settings = settings
        self._cancelled = threading.Event()
        self._files = _file_inputs(plan.graph)
        self._outcome = Outcome()
        self._values: dict[Link, Value] = {}
        self._records: dict[str, Record] = {}
        self._twins: dict[str, list[Step]] = {}
        self._running: dict[str, Step] = {}
        self._endings: SimpleQueue[tuple[str, Ending]] = SimpleQueue()
        self._ready: deque[Step] = deque()
        self._parents: dict[str, int] = {}

    def cancel(self) -> None:
        """Ask the run to stop at the next progress report of each running step."""
        self._cancelled.set()
        self._backend.cancel_all()

    def execute(self) -> Outcome:
        """Run to the end, a failure's descendants excepted."""
        started = time.perf_counter()
        cached = self._plan.count("cached")
        self._emit(lambda seq: RunStarted(seq, len(self._graph.steps), cached))
        self._prepare()
        self._drive()
        outcome = self._outcome
        if self._cancelled.is_set():
            outcome.status = "cancelled"
        elif outcome.count("failed"):
            outcome.status = "failed"
        self._emit(lambda seq: _run_done(seq, outcome, time.perf_counter() - started))
        return outcome

    def _prepare(self) -> None:
        """Take the cached steps as done; count what the others wait for."""
        open_steps = [step for step in self._graph if self._plan.entries[step.id].record is None]
        open_ids = {step.id for step in open_steps}
        for step in self._graph:
            if record := self._plan.entries[step.id].record:
                self._values |= output_values(step, record)
                self._note_done(step, record, cached=True)
        for step in open_steps:
            self._parents[step.id] = sum(parent in open_ids for parent in step.parents)
            if not self._parents[step.id]:
                self._ready.append(step)

    def _drive(self) -> None:
        while self._ready or self._running:
            while self._ready and len(self._running) < self._workers:
                step = self._ready.popleft()
                if not self._cancelled.is_set():
                    self._begin(step)
            if self._running:
                self._end(*self._endings.get())

    def _begin(self, step: Step) -> None:
        key = action_key(step, self._values, self._settings.numerics)
        if record := self._known(step, key):
            self._finish(step, record, cached=True)
        elif key in self._twins:
            self._twins[key].append(step)
        else:
            self._twins[key] = []
            reason = self._plan.entries[step.id].reason
            self._emit(lambda seq: StepStarted(seq, step.id, step.node.name, reason))
            self._running[key] = step
            described = described_inputs(step, self._values, self._settings.numerics)
            task = Task.of(step, key, self._values, described, self._files, self._settings)
            self._backend.submit(task, lambda report: self._hear(step.id, key, report))
            if self._cancelled.is_set():  # it may have been asked between the two
                self._backend.cancel(key)

    def _hear(self, step: str, key: str, report: Report) -> None:
        match report:
            case Progress():
                done, total, figures = report.done, report.total, report.figures
                self._emit(lambda seq: StepProgress(seq, step, done, total, figures))
            case Preview():
                value = report.value
                self._emit(lambda seq: StepPreview(seq, step, value))
            case Notice():
                self._warn(report.message)
            case _:
                self._endings.put((key, report))

    def _known(self, step: Step, key: str) -> Record | None:
        """Find a result of this very run, or one in the store whose contents are sound."""
        if key in self._records:
            return self._records[key]
        if self._plan.entries[step.id].key is not None:
            return None  # the plan has looked already
        record = self._cache.find(step.node, key).record
        if record and all(self._cache.store.intact(digest) for digest in record.blobs):
            return record
        return None

    def _end(self, key: str, ending: Ending) -> None:
        step = self._running.pop(key)
        twins = self._twins.pop(key)
        if isinstance(ending, Failed):
            if ending.kind == "cancelled":
                self._cancelled.set()
                return
            for failed in (step, *twins):
                self._fail(failed, ending)
            return
        self._records[key] = ending.record
        self._finish(step, ending.record, cached=ending.reused)
        for twin in twins:
            self._finish(twin, ending.record, cached=True)

    def _finish(self, step: Step, record: Record, *, cached: bool) -> None:
        self._values |= output_values(step, record)
        self._note_done(step, record, cached=cached)
        for child in self._graph.children[step.id]:
            self._parents[child] -= 1
            if not self._parents[child]:
                self._ready.append(self._graph.steps[child])

    def _note_done(self, step: Step, record: Record, *, cached: bool) -> None:
        files = tuple(str(self._cache.results.path(artifact)) for artifact in record.artifacts)
        self._outcome.states[step.id] = "cached" if cached else "computed"
        self._outcome.files += [file for file in files if file not in self._outcome.files]
        if self._history:
            self._history.note(step.id, record.key)
        seconds = 0.0 if cached else record.seconds
        self._emit(lambda seq: StepDone(seq, step.id, step.node.name, cached, seconds, files))

    def _fail(self, step: Step, error: Failed) -> None:
        self._outcome.states[step.id] = "failed"
        self._emit(
            lambda seq: StepFailed(
                seq, step.id, step.node.name, error.message, error.trace, error.kind
            )
        )
        waiting = list(self._graph.children[step.id])
        while waiting:
            child = self._graph.steps[waiting.pop()]
            if child.id not in self._outcome.states:
                self._skip(child, step)
                waiting.extend(self._graph.children[child.id])

    def _skip(self, step: Step, culprit: Step) -> None:
        self._outcome.states[step.id] = "skipped"
        self._emit(lambda seq: StepSkipped(seq, step.id, step.node.name, culprit.id))

    def _warn(self, message: str) -> None:
        if message not in self._warned:
            self._warned.add(message)
            self._emit(lambda seq: Warned(seq, message))

    def _emit(self, make: Callable[[int], Event]) -> None:
        with self._lock:
            self._seq += 1
            self._listen(make(self._seq))


def _file_inputs(graph: Graph) -> dict[str, Path]:
    return {
        value.sha256: value.path
        for step in graph
        for value in step.settings.values()
        if isinstance(value, FileRef)
    }


def _run_done(seq: int, outcome: Outcome, seconds: float) -> RunDone:
    return RunDone(
        seq,
        outcome.status,
        round(seconds, 3),
        outcome.count("computed"),
        outcome.count("cached"),
        outcome.count("failed"),
        outcome.count("skipped"),
        tuple(outcome.files),
    )
