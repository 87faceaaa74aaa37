"""What a run would do, and why: decided from digests alone, without reading a value.

Two passes over the graph. Forward, keys: a step whose inputs are known by content has a key, and a
record under that key makes its outputs known by content as well. Backward, demand: a target without
a record has to run, what runs reads its inputs, and an input that can be read from nowhere makes
its producer run again. What nobody reads is neither read nor run, even if its content is gone.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from engine import reasons, receipt
from engine.backends.task import Task
from engine.cache import Cache
from engine.contract import Settings
from engine.graph import Graph, Step
from engine.history import History
from engine.records import Record
from engine.resolution import Resolution, has_receipt
from engine.workflow import Link

State = Literal["cached", "run", "may run", "unused"]


@dataclass(frozen=True, slots=True)
class Entry:
    """The plan for one step.

    Attributes:
        step: The step.
        state: `may run` when that depends on what other steps will bring.
        reason: Why, in words.
        key: Its action key, when its inputs are known.
        record: What is known of its result, also when its content has to be made again.
        expected: Seconds it took in the past; None when it never ran.
    """

    step: Step
    state: State
    reason: str
    key: str | None = None
    record: Record | None = None
    expected: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Encode for `--plan --json`."""
        return {
            "step": self.step.id,
            "type": self.step.node.name,
            "state": self.state,
            "reason": self.reason,
            "key": self.key,
            "seconds": self.expected,
        }


@dataclass(frozen=True)
class Plan:
    """Entries of every step in topological order; `graph` holds those the targets depend on.

    Attributes:
        graph: What the targets depend on, whether it runs or not.
        entries: By step id.
        known: Keys, records and values the plan was made from; a run goes on with it.
    """

    graph: Graph
    entries: Mapping[str, Entry]
    known: Resolution

    def task(self, step: Step, settings: Settings, *, reuse: bool) -> Task:
        """Describe a step whose inputs are known to a backend.

        Args:
            step: The step.
            settings: How the run computes.
            reuse: Take a result that somebody else has kept meanwhile.
        """
        known = self.known
        return Task.of(
            known.reduced(step),
            known.key(step),
            known.values,
            known.described(step),
            self.graph.files,
            settings,
            reuse=reuse,
            receipt=self._receipt(step),
        )

    def _receipt(self, step: Step) -> Mapping[str, Any] | None:
        if not has_receipt(step, self.known.cache):
            return None
        return receipt.draft(self.graph, step, self.known)

    def count(self, state: State) -> int:
        """Count the steps in a state."""
        return sum(entry.state == state for entry in self.entries.values())

    @property
    def contents(self) -> set[str]:
        """Digests of what a run may read from the store."""
        return {digest for record in self.known.records.values() for digest in record.blobs}

    @property
    def seconds(self) -> float:
        """Expected seconds of all that will or may run, as far as they are known."""
        return sum(
            entry.expected or 0.0
            for entry in self.entries.values()
            if entry.state in ("run", "may run")
        )


def make_plan(
    graph: Graph,
    cache: Cache,
    numerics: str,
    history: History | None = None,
    nonce: str | None = None,
) -> Plan:
    """Plan a run from what the targets need.

    Args:
        graph: A checked workflow.
        cache: Where results are looked up.
        numerics: The compute type, part of every key.
        history: Earlier runs of this workflow, to say what changed and how long it took.
        nonce: What makes volatile steps new; drawn when not given.
    """
    needed = graph.needed_by(graph.targets)
    known = Resolution(cache, numerics, nonce or secrets.token_hex(16))
    for step in needed:
        if known.knows_inputs(step):
            known.look_up(step)
    states = _states(needed, known)
    entries = {step.id: _entry(step, states, known, history) for step in graph}
    return Plan(needed, entries, known)


def _states(graph: Graph, known: Resolution) -> dict[str, State]:
    """Decide from the targets backwards which steps run."""
    states: dict[str, State] = {}
    read: set[Link] = set()  # by a step that runs
    asked: set[Link] = set()  # perhaps, by a step that cannot tell yet
    targets = set(graph.targets)
    for step in reversed(list(graph)):
        outputs = {Link(step.id, name) for name in step.node.outputs}
        recorded = step.id in known.records
        if recorded and all(known.readable(link) for link in outputs & read):
            states[step.id] = "cached"
        elif outputs & read or step.id in targets:
            states[step.id] = "run" if step.id in known.keys else "may run"
            read.update(known.links(step))
            if not known.is_decided(step):
                asked.update(step.sources)
        elif outputs & asked:
            states[step.id] = "may run"
            asked.update(step.sources)
        else:
            states[step.id] = "unused"
    return states


def _entry(
    step: Step, states: Mapping[str, State], known: Resolution, history: History | None
) -> Entry:
    state = states.get(step.id)
    record = known.records.get(step.id)
    key = known.keys.get(step.id)
    if state is None:
        return Entry(step, "unused", reasons.NOT_NEEDED)
    if state == "unused":
        return Entry(step, state, reasons.NOT_READ, key)
    if state == "cached":
        return Entry(step, state, known.reasons[step.id], key, record, 0.0)
    expected = history.expected_seconds(step, key) if history else None
    return Entry(step, state, _why(step, states, known, history), key, record, expected)


def _why(
    step: Step, states: Mapping[str, State], known: Resolution, history: History | None
) -> str:
    if step.id in known.records:
        return reasons.GONE
    parents = [parent for parent in step.parents if states.get(parent) in ("run", "may run")]
    if step.id not in known.keys and parents:
        return reasons.depends_on(parents)
    if states[step.id] == "may run":
        return reasons.UNDECIDED
    if step.node.volatile:
        return reasons.VOLATILE
    found = known.reasons[step.id]
    if found != reasons.NEVER or history is None:
        return found
    return history.difference(step, known.described(step)) or found
