"""Takes runs from the queue, one after another, in a thread of its own.

Whatever a document is, and whatever its steps do, the thread goes on with the next one. Steps
compute in the backend, so a run whose results are all stored starts nothing.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from engine.errors import EngineError
from engine.events import Event
from engine.executor import Run
from engine.outcome import Outcome
from engine.problems import Problem
from engine.queue.queue import RunQueue
from engine.queue.rows import Claim, Ending
from engine.story import Story
from engine.workshop import Workshop

Listen = Callable[[int, Event], None]
"""(number of the run, what happened), from any thread."""
Tell = Callable[[int], None]
"""Called when the row of a run has changed."""

MOST_PROBLEMS = 200
"""How many problems of a run are kept; a check lists all of them."""
_LOG = logging.getLogger(__name__)
_QUIET = 0.2  # seconds without a run after which there is time for what nobody waits for
_UNTIDY = 32  # runs after which it is done all the same
_PATIENCE = 1.0  # seconds between two tries when the queue cannot be read or written


@dataclass
class _Work:
    """The run in hand; `run` once it is planned, `unwanted` once somebody cancelled it."""

    claim: Claim
    run: Run | None = None
    unwanted: bool = False


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
        self._stop = threading.Event()
        self._work: _Work | None = None
        self._untidy = 0  # runs since the store was tidied up
        self._thread = threading.Thread(target=self._go_on, name="runner")

    def start(self) -> None:
        """Begin with the first run that waits."""
        self._thread.start()

    def cancel(self, number: int) -> bool:
        """Stop a run that computes, at its next progress; False when it is not in hand."""
        with self._lock:
            work = self._work
            if work is None or work.claim.id != number:
                return False
            work.unwanted = True
            run = work.run
        if run:
            run.cancel()
        return True

    def stop(self, seconds: float | None = None) -> bool:
        """Stop; the run that computes waits for the next start. False when it takes longer."""
        self._stop.set()
        with self._lock:
            run = self._work.run if self._work else None
        if run:
            run.cancel()
        self._queue.wake()
        if self._thread.is_alive():
            self._thread.join(seconds)
        return not self._thread.is_alive()

    def _go_on(self) -> None:
        while not self._stop.is_set():
            seen = self._queue.wait(-1, 0)
            try:
                work = self._next()
            except EngineError as error:  # the disk is full, say: what waits, waits on
                _LOG.error("no run can be taken: %s", error)
                self._stop.wait(_PATIENCE)
                continue
            if work is not None:
                self._do(work)
            if self._untidy >= _UNTIDY or (work is None and self._is_quiet(seen)):
                self._tidy()
            if work is None:
                self._queue.wait(seen, None)
        self._tidy()

    def _is_quiet(self, seen: int) -> bool:
        """Wait a moment if there is something to tidy; True when nothing came meanwhile."""
        return self._untidy > 0 and self._queue.wait(seen, _QUIET) == seen

    def _next(self) -> _Work | None:
        """Take a run in hand, so that whoever cancels it finds it there."""
        with self._lock:
            claim = None if self._stop.is_set() else self._queue.claim()
            self._work = _Work(claim) if claim else None
            return self._work

    def _do(self, work: _Work) -> None:
        self._tell(work.claim.id)
        story = Story(self._hearing(work.claim.id), self._workshop.saved)
        ending = self._ended(work, story)
        self._keep(work, ending, story.to_json())
        with self._lock:
            self._work = None
        self._tell(work.claim.id)
        self._untidy += 1

    def _keep(self, work: _Work, ending: Ending, story: Sequence[dict[str, Any]]) -> None:
        """Write how a run ended, trying until it is written; the results are stored already."""
        while True:
            try:
                if ending.state == "cancelled" and self._stop.is_set() and not work.unwanted:
                    self._queue.give_back(work.claim)
                else:
                    self._queue.finish(work.claim, ending, story)
            except EngineError as error:
                _LOG.error("the end of run %d cannot be written: %s", work.claim.id, error)
                if not self._stop.wait(_PATIENCE):
                    continue  # else the next start takes it up, and finds its results stored
            return

    def _ended(self, work: _Work, story: Story) -> Ending:
        try:
            return self._run(work, story)
        except EngineError as error:
            return Ending("failed", problems=(_problem(str(error)),))
        except Exception as error:  # noqa: BLE001 - no run may end the thread
            _LOG.exception("run %d failed in the engine", work.claim.id)
            said = f"{type(error).__name__}: {error}; this is a fault of Latentgraph"
            return Ending("failed", problems=(_problem(said),), failures=story.failures)

    def _run(self, work: _Work, story: Story) -> Ending:
        shop, request = self._workshop, work.claim.request
        workflow, checked, problems = shop.checked(request.document, request.name, request.changes)
        told = tuple(problem.to_json() for problem in _first(problems))
        if checked.graph is None or any(found.severity == "error" for found in problems):
            return Ending("failed", problems=told)
        with shop.running(checked.graph, shop.history(workflow), story.hear) as run:
            outcome = self._execute(work, run)
        files = shop.saved(outcome.files)
        counts: dict[str, int] = {**Counter(outcome.states.values())}
        return Ending(outcome.status, files, counts, told, story.failures)

    def _execute(self, work: _Work, run: Run) -> Outcome:
        with self._lock:
            work.run = run
            late = self._stop.is_set() or work.unwanted
        if late:
            run.cancel()
        return run.execute()

    def _tidy(self) -> None:
        """Do what nobody waits for."""
        self._untidy = 0
        try:
            self._workshop.tidy()
        except (EngineError, OSError) as error:
            _LOG.error("the store cannot be tidied up: %s", error)

    def _hearing(self, number: int) -> Callable[[Event], None]:
        """Pass events on; whoever hears them cannot disturb the run."""

        def hear(event: Event) -> None:
            try:
                self._listen(number, event)
            except Exception:  # noqa: BLE001 - theirs, not the run's
                _LOG.exception("an event of run %d cannot be told", number)

        return hear

    def _tell(self, number: int) -> None:
        try:
            self._changed(number)
        except Exception:  # noqa: BLE001 - theirs, not the run's
            _LOG.exception("a change of run %d cannot be told", number)


def _first(problems: Sequence[Problem]) -> Sequence[Problem]:
    """Return as many as are kept, errors first, the last saying how many are not."""
    if len(problems) <= MOST_PROBLEMS:
        return problems
    ordered = sorted(problems, key=lambda problem: problem.severity != "error")
    left = len(problems) - MOST_PROBLEMS
    more = Problem("more", f"{left} more problems; a check lists all")
    return [*ordered[:MOST_PROBLEMS], more]


def _problem(said: str) -> dict[str, Any]:
    return Problem("unreadable", said.rstrip(".")).to_json()
