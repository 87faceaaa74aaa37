"""Runs a plan: pulls what the targets need, and computes a step only when a value is really read.

A step is *demanded* by a target or by a step that waits for it. Once all it reads is known by
content, its key is looked up: a step below an unchanged value is found in the store (early cutoff)
and reads nothing. Otherwise its inputs must be readable; a content that has gone from the store
makes its producer run again. Then the step waits for a place (`Ready`) and goes to a backend, which
reports from its own threads; the thread that reports decides what follows, one at a time (`Turns`).

Equal keys run once. A failure skips what waits for the step and nothing else.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import partial

from engine.backends.backend import Backend
from engine.backends.report import Ending, Failed, Finished, Report
from engine.cache import Cache
from engine.demand import Demand
from engine.errors import StepError
from engine.events import Listener
from engine.graph import Step
from engine.history import History
from engine.holdings import Holdings
from engine.journal import Journal
from engine.node import Settings
from engine.outcome import Outcome
from engine.plan import Plan, make_plan
from engine.ready import LIMITS, Ready, critical_order
from engine.records import Record
from engine.turns import Turns
from engine.workflow import Link

_ATTEMPTS = 3  # contents that vanish, or results that differ, more often than this are a fault


class Run:
    """One execution of a plan.

    Args:
        plan: What to run.
        cache: Where results are looked up and kept.
        settings: Device and numerics.
        listen: Gets every event, one at a time, from any thread.
        backend: Computes the steps.
        limits: How many steps at once may use each resource.
        history: Notes the keys, to explain the next run.

    `plan` is the one it follows, another one once a step gave another result than expected.
    """

    def __init__(
        self,
        plan: Plan,
        cache: Cache,
        settings: Settings,
        listen: Listener,
        backend: Backend,
        limits: Mapping[str, int] = LIMITS,
        history: History | None = None,
    ) -> None:
        self._cache = cache
        self._settings = settings
        self._backend = backend
        self._limits = limits
        self._history = history
        self._journal = Journal(listen, cache.results)
        self._cancelled = threading.Event()
        self._turns = Turns(self._go_on)
        self._holdings = Holdings(cache.memory)
        self._made: dict[str, Record] = {}  # by key, in this run
        self._attempts: Counter[str] = Counter()
        self._take(plan)

    def cancel(self) -> None:
        """Ask the run to stop, at the next progress report of each running step.

        Takes no lock, so that a signal handler may call it whatever it interrupts.
        """
        self._cancelled.set()
        self._turns.interrupt()

    def execute(self) -> Outcome:
        """Run to the end, what waits for a failed step excepted."""
        self._journal.run_started(self.plan)
        self._drive()
        while self._differing and not self._cancelled.is_set():
            self._decide_anew()
            self._drive()
        return self._journal.run_done(cancelled=self._cancelled.is_set())

    def _take(self, plan: Plan) -> None:
        """Set out to run a plan."""
        self.plan = plan
        self._known = plan.known
        expected = {step: entry.expected or 0.0 for step, entry in plan.entries.items()}
        self._ready = Ready(critical_order(plan.graph, expected), self._limits)
        self._demand = Demand()
        self._looked_up: set[str] = set(self._known.keys)
        self._again: set[str] = set()  # known by content, but the content is gone
        self._differing: set[str] = set()
        self._twins: dict[str, list[Step]] = {}
        self._placed: set[str] = set()  # ready, running, or waiting for a twin
        self._running = 0

    def _decide_anew(self) -> None:
        """Plan again after a step gave another result than the one its consumers were known by."""
        for step in sorted(self._differing):
            self._journal.warn(
                f"{step} gave another result than before; what depends on it is decided anew"
            )
        graph, known = self.plan.graph, self._known
        plan = make_plan(graph, self._cache, known.numerics, self._history, known.nonce)
        self._take(plan)

    def _drive(self) -> None:
        self._turns.bring(self._open_targets)
        self._turns.wait(interrupted=self._backend.cancel_all)

    def _open_targets(self) -> None:
        for entry in self.plan.entries.values():
            if entry.state == "cached" and entry.record:
                self._note_done(entry.step, entry.record, cached=True)
        for target in self.plan.graph.targets:
            if self.plan.entries[target].state != "cached":
                self._demand.open(target)

    def _go_on(self) -> bool:
        """Decide what can be decided and start what can be started; True when nothing runs."""
        self._settle()
        self._dispatch()
        if self._cancelled.is_set():
            self._backend.cancel_all()  # a step may have been started just after the interrupt
        return not self._running

    def _settle(self) -> None:
        """Decide about every step that waits for nothing."""
        while not self._stopping and (step_id := self._demand.arrived()):
            step = self.plan.graph.steps[step_id]
            try:
                self._advance(step)
            except StepError as error:
                self._fail(step, Failed("refused", str(error)))

    @property
    def _stopping(self) -> bool:
        return self._cancelled.is_set() or bool(self._differing)

    def _advance(self, step: Step) -> None:
        """Take a step as far as it goes: to its key, to the store, to its inputs, to its place."""
        if step.id in self._placed:
            return
        known = self._known
        decided = known.decide(step)
        links = known.links(step)
        self._demand.read(step.id, {link.step for link in links})
        unknown = [link for link in links if link not in known.values]
        if unknown:
            self._await(step, unknown)
        elif not decided:
            self._demand.arrive(step.id)
        elif record := self._look_up(step):
            self._finish(step, record, cached=True)
        elif known.key(step) in self._twins:
            self._placed.add(step.id)
            self._twins[known.key(step)].append(step)
        elif unreadable := [link for link in links if not known.readable(link)]:
            self._again.update(link.step for link in unreadable)
            self._await(step, unreadable)
        else:
            self._placed.add(step.id)
            self._twins.setdefault(known.key(step), [])
            self._ready.push(step)

    def _look_up(self, step: Step) -> Record | None:
        """Find the result of a step in this run or in the store, unless it must be made again."""
        if step.id in self._again:
            return None
        key = self._known.key(step)
        if key in self._made:
            self._known.learn(step, self._made[key])
            return self._made[key]
        if step.id in self._looked_up:
            return None
        self._looked_up.add(step.id)
        return self._known.look_up(step)

    def _await(self, step: Step, links: Iterable[Link]) -> None:
        """Let a step wait for the producers of these links, and demand them."""
        producers = list(dict.fromkeys(link.step for link in links))
        states = self._journal.outcome.states
        for producer in producers:
            if states.get(producer) in ("failed", "skipped"):
                self._skip(step, producer)
                return
        self._demand.wait(step.id, producers)
        for producer in producers:
            self._demand.open(producer)

    def _dispatch(self) -> None:
        while not self._stopping and (step := self._ready.pop()):
            entry = self.plan.entries[step.id]
            self._journal.step_started(entry)
            self._running += 1
            self._submit(step)

    def _submit(self, step: Step) -> None:
        key = self._known.key(step)
        reuse = self._cache.reading and step.id not in self._again
        task = self.plan.task(step, self._settings, reuse=reuse)

        def report(news: Report) -> None:
            if isinstance(news, Ending):
                self._turns.bring(partial(self._hear, step, key, news))
            else:
                self._journal.report(step, news)

        self._backend.submit(task, report)

    def _hear(self, step: Step, key: str, news: Ending) -> None:
        self._running -= 1
        self._ready.free(step)
        twins = self._twins.pop(key, [])
        if isinstance(news, Finished):
            self._hear_finished(step, key, news, twins)
        elif news.kind == "cancelled":
            self._cancelled.set()
        elif news.kind == "vanished" and not self._is_hopeless(step):
            self._recover(news.detail, (step, *twins))
        else:
            for failed in (step, *twins):
                self._fail(failed, news)

    def _recover(self, digest: str, readers: Iterable[Step]) -> None:
        """Make a content again that was there when a step was started, and is gone now."""
        records = self._known.records.items()
        makers = [step_id for step_id, record in records if digest in record.blobs]
        self._again.update(makers)
        for reader in readers:
            self._placed.discard(reader.id)
            self._demand.wait(reader.id, makers)
            self._demand.arrive(reader.id)  # counts only if there is nothing to wait for
        for maker in makers:
            self._demand.open(maker)

    def _hear_finished(self, step: Step, key: str, news: Finished, twins: list[Step]) -> None:
        if news.reused and self._known.is_taken(step, news.record):
            self._again.add(step.id)  # what it found is the file another step has just saved
            self._recover("", (step, *twins))
            return
        before = self._known.records.get(step.id)
        self._made[key] = news.record
        if before and before.outputs != news.record.outputs and not self._is_hopeless(step):
            self._differing.add(step.id)
        self._finish(step, news.record, cached=news.reused)
        for twin in twins:
            self._finish(twin, news.record, cached=True)
        if news.held:
            self._holdings.release(news.record.outputs.values())

    def _is_hopeless(self, step: Step) -> bool:
        """Tell whether a step has started over too often to try once more."""
        self._attempts[step.id] += 1
        return self._attempts[step.id] > _ATTEMPTS

    def _finish(self, step: Step, record: Record, *, cached: bool) -> None:
        self._known.learn(step, record)
        self._again.discard(step.id)
        if self._demand.has_readers(step.id):
            self._holdings.hold(step.id, record)
        self._note_done(step, record, cached=cached)
        self._close(step)

    def _note_done(self, step: Step, record: Record, *, cached: bool) -> None:
        if self._history:
            self._history.note(step, record.key)
        self._journal.step_done(step, record, cached=cached)

    def _fail(self, step: Step, failed: Failed) -> None:
        self._journal.step_failed(step, failed)
        for waiter in self._close(step):
            self._skip(self.plan.graph.steps[waiter], step.id)

    def _skip(self, step: Step, culprit: str) -> None:
        """Leave out a step and all that waits for it."""
        leaving = [step]
        while leaving:
            left = leaving.pop()
            if self._demand.is_open(left.id):
                self._journal.step_skipped(left, culprit)
                leaving.extend(self.plan.graph.steps[waiter] for waiter in self._close(left))

    def _close(self, step: Step) -> list[str]:
        """Close a step, let go of what nobody reads any more, and return what waited for it."""
        waiters, unread = self._demand.close(step.id)
        self._holdings.let_go(unread)
        return waiters
