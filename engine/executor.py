"""Runs a plan: pulls what the targets need, starts a step when its last parent is done.

One thread coordinates; `workers` threads compute. When a step is done its outputs are known by
content, so a child may turn out to be in the store after all (early cutoff). Equal keys run once.
A failure skips the descendants of the step and nothing else.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from engine.cache import Cache
from engine.context import StepContext, Surroundings
from engine.errors import Cancelled, EngineError, reason
from engine.events import (
    Event,
    Listener,
    RunDone,
    RunStarted,
    StepDone,
    StepFailed,
    StepSkipped,
    StepStarted,
    Warned,
)
from engine.graph import Graph, Step
from engine.history import History
from engine.keys import action_key
from engine.node import Settings
from engine.plan import Plan, output_values
from engine.ports import FileRef
from engine.records import Record, Value
from engine.step import Computed, compute
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
        self._warned = False
        self._around = Surroundings(
            cache, settings, self._emit, threading.Event(), _file_inputs(plan.graph)
        )
        self._outcome = Outcome()
        self._values: dict[Link, Value] = {}
        self._live: dict[Link, Any] = {}
        self._records: dict[str, Record] = {}
        self._twins: dict[str, list[Step]] = {}
        self._running: dict[Future[Computed], tuple[Step, str]] = {}
        self._ready: deque[Step] = deque()
        self._parents: dict[str, int] = {}
        self._readers: dict[str, int] = {}

    def cancel(self) -> None:
        """Ask the run to stop at the next progress report of each running step."""
        self._around.cancelled.set()

    def execute(self) -> Outcome:
        """Run to the end, a failure's descendants excepted."""
        started = time.perf_counter()
        cached = self._plan.count("cached")
        self._emit(lambda seq: RunStarted(seq, len(self._graph.steps), cached))
        self._prepare()
        pool = ThreadPoolExecutor(self._workers, thread_name_prefix="step")
        try:
            self._drive(pool)
        finally:
            pool.shutdown(wait=False)  # nothing runs now, or an interrupt is on its way out
        outcome = self._outcome
        if self._around.cancelled.is_set():
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
            readers = [child for child in self._graph.children[step.id] if child in open_ids]
            self._readers[step.id] = len(readers)
            if record := self._plan.entries[step.id].record:
                self._values |= output_values(step, record)
                self._note_done(step, record, cached=True)
        for step in open_steps:
            self._parents[step.id] = sum(parent in open_ids for parent in step.parents)
            if not self._parents[step.id]:
                self._ready.append(step)

    def _drive(self, pool: ThreadPoolExecutor) -> None:
        while self._ready or self._running:
            while self._ready and len(self._running) < self._workers:
                step = self._ready.popleft()
                if not self._around.cancelled.is_set():
                    self._begin(step, pool)
            done, _ = wait(self._running, return_when=FIRST_COMPLETED)
            for future in done:
                self._end(future)

    def _begin(self, step: Step, pool: ThreadPoolExecutor) -> None:
        key = action_key(step, self._values, self._around.settings.numerics)
        if record := self._known(step, key):
            self._finish(step, record, cached=True)
        elif key in self._twins:
            self._twins[key].append(step)
        else:
            self._twins[key] = []
            reason = self._plan.entries[step.id].reason
            self._emit(lambda seq: StepStarted(seq, step.id, step.node.name, reason))
            context = StepContext(step.id, key, self._around)
            future = pool.submit(compute, step, context, self._read, self._values, self._warn)
            self._running[future] = (step, key)

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

    def _end(self, future: Future[Computed]) -> None:
        step, key = self._running.pop(future)
        twins = self._twins.pop(key)
        try:
            computed = future.result()
        except Cancelled:
            self._around.cancelled.set()
        except Exception as error:  # noqa: BLE001 - the border to foreign code
            for failed in (step, *twins):
                self._fail(failed, error)
        else:
            self._records[key] = computed.record
            self._finish(step, computed.record, cached=False, computed=computed)
            for twin in twins:
                self._finish(twin, computed.record, cached=True, computed=computed)

    def _finish(
        self, step: Step, record: Record, *, cached: bool, computed: Computed | None = None
    ) -> None:
        self._values |= output_values(step, record)
        if computed and self._readers[step.id]:
            for name, value in computed.values.items():
                self._live[Link(step.id, name)] = value
        self._note_done(step, record, cached=cached)
        self._release_parents(step)
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

    def _fail(self, step: Step, error: Exception) -> None:
        clear = isinstance(error, EngineError | ValueError)
        trace = "" if clear else "".join(traceback.format_exception(error))
        message = str(error) if clear else f"{type(error).__name__}: {error}"
        self._outcome.states[step.id] = "failed"
        self._emit(lambda seq: StepFailed(seq, step.id, step.node.name, message, trace))
        self._release_parents(step)
        waiting = list(self._graph.children[step.id])
        while waiting:
            child = self._graph.steps[waiting.pop()]
            if child.id not in self._outcome.states:
                self._skip(child, step)
                waiting.extend(self._graph.children[child.id])

    def _skip(self, step: Step, culprit: Step) -> None:
        self._outcome.states[step.id] = "skipped"
        self._emit(lambda seq: StepSkipped(seq, step.id, step.node.name, culprit.id))
        self._release_parents(step)

    def _release_parents(self, step: Step) -> None:
        """Drop the values that no step of this run will read again."""
        for parent in step.parents:
            self._readers[parent] -= 1
            if not self._readers[parent]:
                for name in self._graph.steps[parent].node.outputs:
                    self._live.pop(Link(parent, name), None)

    def _read(self, link: Link) -> Any:
        if link in self._live:
            return self._live[link]
        output = self._graph.steps[link.step].node.outputs[link.output]
        return self._cache.load(self._values[link], output.type)

    def _warn(self, error: OSError) -> None:
        if self._warned:
            return
        self._warned = True
        folder = self._cache.store.folder
        message = f"results cannot be kept in {folder} ({reason(error)}); the run goes on without"
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
