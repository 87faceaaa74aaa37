"""Takes runs from the queue, one after another, in a thread of its own.

A run goes the way of the command line: read, bring up to date, check, plan, run. Whatever a
document is, and whatever its steps do, the thread goes on with the next one. Steps compute in the
backend, so a run whose results are all stored starts nothing.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from engine.backends.backend import Backend
from engine.cache import Cache
from engine.check import Checked, check
from engine.cli.changes import apply_changes
from engine.errors import EngineError
from engine.events import Event, StepFailed
from engine.executor import Run
from engine.files import Files
from engine.history import LateHistory
from engine.migrate import up_to_date
from engine.node import Settings
from engine.outcome import Outcome
from engine.plan import make_plan
from engine.problems import Problem
from engine.queue.queue import RunQueue
from engine.queue.rows import Claim, Ending, RunRequest
from engine.ready import LIMITS
from engine.rechecks import Rechecks
from engine.registry import Registry
from engine.workflow import Workflow, from_document

MOST_KEPT = 100
"""Problems of a run that are kept: whoever has more looks them up with a check."""
Examined = tuple[Workflow, Checked, tuple[Problem, ...]]
"""A workflow, what its check found, and all problems: of its age, its changes and its check."""
Listen = Callable[[int, Event], None]
"""(number of the run, what happened), from any thread."""
Tell = Callable[[int], None]
"""Called when the row of a run has changed."""


@dataclass(frozen=True)
class Workshop:
    """What runs need.

    Attributes:
        registry: Node types.
        files: Where files may come from.
        cache: Store, memory and weights.
        backend: Where steps compute; nothing is started before the first one.
        output: Where results go.
        settings: Device, numerics and threads.
        limits: How many steps at once may use each resource.
    """

    registry: Registry
    files: Files
    cache: Cache
    backend: Backend
    output: Path
    settings: Settings
    limits: Mapping[str, int] = field(default_factory=lambda: LIMITS)
    _rechecks: Rechecks[Examined] = field(default_factory=Rechecks, repr=False)

    def checked(self, request: RunRequest) -> Examined:
        """Read and check what is wanted; all problems, also those of its changes.

        Raises:
            WorkflowError: It is no workflow.
        """
        asked = {"document": request.document, "name": request.name, "changes": request.changes}
        return self._rechecks.get(
            asked, self.files, lambda files: self._examined(request, files), _is_sound
        )

    def _examined(self, request: RunRequest, files: Files) -> Examined:
        workflow = from_document(request.document, name=request.name)
        workflow, outdated = up_to_date(workflow, self.registry)
        workflow, wrong = apply_changes(workflow, request.changes, self.registry)
        found = check(workflow, self.registry, files)
        return workflow, found, (*outdated, *wrong, *found.problems)


class Runner:
    """The thread that works on the queue.

    Args:
        queue: Where runs come from.
        workshop: What they need.
        listen: Gets every event of every run.
        changed: Called when a run was begun or has ended.
    """

    def __init__(
        self,
        queue: RunQueue,
        workshop: Workshop,
        listen: Listen,
        changed: Tell = lambda number: None,
    ) -> None:
        self._queue, self._workshop = queue, workshop
        self._listen, self._changed = listen, changed
        self._lock = threading.Lock()
        self._stopping = False
        self._current: tuple[int, Run | None] | None = None
        self._unwanted: set[int] = set()
        self._unwritten: LateHistory | None = None
        self._thread = threading.Thread(target=self._work, name="runner")

    def start(self) -> None:
        """Begin with the first run that waits."""
        self._thread.start()

    def cancel(self, number: int) -> bool:
        """Stop a run that computes, at its next progress; False when it is not the one."""
        with self._lock:
            if self._current is None or self._current[0] != number:
                return False
            self._unwanted.add(number)
            run = self._current[1]
        if run:
            run.cancel()
        return True

    def stop(self, seconds: float | None = None) -> bool:
        """Stop; the run that computes waits for the next start. False when it takes longer."""
        with self._lock:
            self._stopping = True
            run = self._current[1] if self._current else None
        if run:
            run.cancel()
        self._queue.wake()
        if self._thread.is_alive():
            self._thread.join(seconds)
        return not self._thread.is_alive()

    def _work(self) -> None:
        while not self._stopping:
            seen = self._queue.wait(-1, 0)
            try:
                claim = self._queue.claim()
            except EngineError:  # the disk is full, say: what waits, waits on
                claim, seen = None, self._queue.wait(seen, 1.0)
            if claim is None:
                self._queue.wait(seen, None)
            else:
                self._take(claim)

    def _take(self, claim: Claim) -> None:
        with self._lock:
            self._current = (claim.id, None)
        self._changed(claim.id)
        ending = self._ended(claim)
        with self._lock:
            self._current = None
            unwanted = claim.id in self._unwanted
            self._unwanted.discard(claim.id)
        try:
            if ending.state == "cancelled" and not unwanted:
                self._queue.give_back(claim)  # it was not asked for: the process is to stop
            else:
                self._queue.finish(claim, ending)
        except EngineError:
            return  # the next start takes it up, and finds its results stored
        self._changed(claim.id)
        self._tidy()

    def _tidy(self) -> None:
        """Write down what only later runs want to know: nobody is to wait for it."""
        if self._unwritten:
            self._unwritten.write()
            self._unwritten = None
        with suppress(EngineError):  # the next run finds it unsettled, and goes on
            self._workshop.cache.store.settle()

    def _ended(self, claim: Claim) -> Ending:
        try:
            return self._run(claim)
        except EngineError as error:
            return Ending("failed", problems=(_problem(str(error)),))
        except Exception as error:  # noqa: BLE001 - no run may end the thread
            said = f"{type(error).__name__}: {error}; this is a fault of Latentgraph"
            return Ending("failed", problems=(_problem(said),))

    def _run(self, claim: Claim) -> Ending:
        shop = self._workshop
        workflow, checked, problems = shop.checked(claim.request)
        told = tuple(problem.to_json() for problem in problems[:MOST_KEPT])
        if checked.graph is None or any(found.severity == "error" for found in problems):
            return Ending("failed", problems=told)
        history = LateHistory(shop.cache.store, workflow.path)
        self._unwritten = history
        plan = make_plan(checked.graph, shop.cache, shop.settings.numerics, history)
        failures: dict[str, str] = {}

        def listen(event: Event) -> None:
            if isinstance(event, StepFailed):
                failures[event.step] = event.message
            self._listen(claim.id, event)

        run = Run(plan, shop.cache, shop.settings, listen, shop.backend, shop.limits, history)
        with shop.cache.store.lease(plan.contents):
            outcome = self._execute(claim, run)
        return self._ending(outcome, failures, told)

    def _execute(self, claim: Claim, run: Run) -> Outcome:
        with self._lock:
            self._current = (claim.id, run)
            late = self._stopping or claim.id in self._unwanted
        if late:
            run.cancel()
        return run.execute()

    def _ending(
        self,
        outcome: Outcome,
        failures: Mapping[str, str],
        problems: tuple[Mapping[str, object], ...],
    ) -> Ending:
        files = tuple(
            Path(file).relative_to(self._workshop.output).as_posix() for file in outcome.files
        )
        counts: dict[str, int] = {**Counter(outcome.states.values())}
        return Ending(outcome.status, files, counts, problems, failures)


def _is_sound(found: Examined) -> bool:
    return found[1].graph is not None and all(item.severity != "error" for item in found[2])


def _problem(said: str) -> Mapping[str, object]:
    return Problem("unreadable", said.rstrip(".")).to_json()
