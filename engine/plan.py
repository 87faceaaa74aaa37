"""What a run would do, and why: decided from digests alone, without reading a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from engine.cache import Cache
from engine.graph import Graph, Step
from engine.history import History
from engine.keys import action_key, described_inputs
from engine.records import Record, Value
from engine.workflow import Link

State = Literal["cached", "run", "may run", "unused"]


@dataclass(frozen=True)
class Entry:
    """The plan for one step; `key` and `record` are set as far as they are known."""

    step: Step
    state: State
    reason: str
    key: str | None = None
    record: Record | None = None

    def to_json(self) -> dict[str, Any]:
        """Encode for `--plan --json`."""
        return {
            "step": self.step.id,
            "type": self.step.node.name,
            "state": self.state,
            "reason": self.reason,
            "key": self.key,
            "seconds": self.record.seconds if self.record else None,
        }


@dataclass(frozen=True)
class Plan:
    """Entries of every step in topological order; `graph` holds the needed ones only."""

    graph: Graph
    entries: Mapping[str, Entry]

    def count(self, state: State) -> int:
        """Count the steps in a state."""
        return sum(entry.state == state for entry in self.entries.values())


def make_plan(graph: Graph, cache: Cache, numerics: str, history: History | None = None) -> Plan:
    """Plan a run from what the targets need; contents that will be read are verified first.

    Args:
        graph: A checked workflow.
        cache: Where results are looked up.
        numerics: The compute type, part of every key.
        history: Earlier runs of this workflow, to say what changed.
    """
    needed = graph.needed_by(graph.targets)
    while True:
        entries = _entries(needed, cache, numerics, history)
        read = _contents_to_read(needed, entries)
        if all([cache.store.intact(digest) for digest in read]):
            break  # else damaged contents are out of the store now: look again
    unused = {
        step.id: Entry(step, "unused", "no result of this workflow needs it")
        for step in graph
        if step.id not in entries
    }
    return Plan(needed, {step.id: (entries | unused)[step.id] for step in graph})


def output_values(step: Step, record: Record) -> dict[Link, Value]:
    """Address the outputs of a record by link."""
    return {Link(step.id, name): value for name, value in record.outputs.items()}


def _entries(
    graph: Graph, cache: Cache, numerics: str, history: History | None
) -> dict[str, Entry]:
    values: dict[Link, Value] = {}
    entries: dict[str, Entry] = {}
    for step in graph:
        unknown = [parent for parent in step.parents if entries[parent].state != "cached"]
        if unknown:
            reason = f"depends on {', '.join(unknown)}"
            entries[step.id] = Entry(step, "may run", reason)
            continue
        key = action_key(step, values, numerics)
        found = cache.find(step.node, key)
        if found.record:
            entries[step.id] = Entry(step, "cached", found.reason, key, found.record)
            values |= output_values(step, found.record)
            continue
        now = described_inputs(step, values, numerics)
        changed = history.difference(step.id, now) if history else None
        entries[step.id] = Entry(step, "run", changed or found.reason, key)
    return entries


def _contents_to_read(graph: Graph, entries: Mapping[str, Entry]) -> set[str]:
    """Digests of cached values that a step which may run will read."""
    found = set()
    for step in graph:
        if entries[step.id].state == "cached":
            continue
        for link in step.sources:
            record = entries[link.step].record
            if record is not None:
                found.add(record.outputs[link.output].digest)
    return found
