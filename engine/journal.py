"""What a run tells: its events in order, and the outcome that adds up from them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from engine.backends.report import Failed, Notice, Preview, Progress
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
from engine.graph import Step
from engine.outcome import Outcome
from engine.plan import Entry, Plan
from engine.records import Record
from engine.results import Results


@dataclass
class Journal:
    """Numbers events from 1 and hands them on, one at a time, whichever thread they come from."""

    listen: Listener
    results: Results
    outcome: Outcome = field(default_factory=Outcome)
    _seq: int = 0
    _lock: Any = field(default_factory=threading.Lock)
    _told: dict[str, str] = field(default_factory=dict)
    _warnings: set[str] = field(default_factory=set)
    _started: float = field(default_factory=time.perf_counter)

    def tell(self, make: Callable[[int], Event]) -> None:
        """Number an event and hand it on."""
        with self._lock:
            self._seq += 1
            self.listen(make(self._seq))

    def run_started(self, plan: Plan) -> None:
        """Tell how many steps there are, and how many of them are cached."""
        steps, cached = len(plan.graph.steps), plan.count("cached")
        self.tell(lambda seq: RunStarted(seq, steps, cached))

    def step_started(self, entry: Entry) -> None:
        """Tell that a step begins to compute, and why."""
        step = entry.step
        told = entry.reason, entry.expected
        self.tell(lambda seq: StepStarted(seq, step.id, step.node.name, *told))

    def report(self, step: Step, news: Progress | Preview | Notice) -> None:
        """Tell what a backend reports of a running step."""
        match news:
            case Progress(done, total, figures):
                self.tell(lambda seq: StepProgress(seq, step.id, done, total, figures))
            case Preview(value):
                self.tell(lambda seq: StepPreview(seq, step.id, value))
            case Notice(message):
                self.warn(message)

    def step_done(self, step: Step, record: Record, *, cached: bool) -> None:
        """Tell that a step has its result; the same result is told once."""
        if cached and self._told.get(step.id) == record.key:
            return
        self._told[step.id] = record.key
        files = tuple(str(self.results.path(artifact)) for artifact in record.artifacts)
        self.outcome.note(step.id, "cached" if cached else "computed", files)
        seconds = 0.0 if cached else record.seconds
        self.tell(lambda seq: StepDone(seq, step.id, step.node.name, cached, seconds, files))

    def step_failed(self, step: Step, failed: Failed) -> None:
        """Tell that a step could not do its work."""
        self.outcome.note(step.id, "failed")
        told = failed.message, failed.trace, failed.kind
        self.tell(lambda seq: StepFailed(seq, step.id, step.node.name, *told))

    def step_skipped(self, step: Step, culprit: str) -> None:
        """Tell that a step did not run because another failed."""
        self.outcome.note(step.id, "skipped")
        self.tell(lambda seq: StepSkipped(seq, step.id, step.node.name, culprit))

    def warn(self, message: str) -> None:
        """Tell something that does not stop the run, once."""
        if message not in self._warnings:
            self._warnings.add(message)
            self.tell(lambda seq: Warned(seq, message))

    def run_done(self, *, cancelled: bool) -> Outcome:
        """Tell how the run ended."""
        outcome = self.outcome
        if cancelled:
            outcome.status = "cancelled"
        elif outcome.count("failed"):
            outcome.status = "failed"
        self.tell(
            lambda seq: RunDone(
                seq,
                outcome.status,
                round(time.perf_counter() - self._started, 3),
                outcome.count("computed"),
                outcome.count("cached"),
                outcome.count("failed"),
                outcome.count("skipped"),
                tuple(outcome.files),
            )
        )
        return outcome
