"""What the steps of one workflow file did before: why one has to run now, how long it may take."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.canon import digest
from engine.contract import Settings
from engine.foresight import foreseen
from engine.graph import Step, each_link
from engine.ports import FileRef
from engine.reasons import Basis, changes
from engine.records import Record
from engine.store import Store


@dataclass(frozen=True)
class Last:
    """How a step was last run in this workflow.

    Attributes:
        key: Its action key then.
        sources: What was written at its files and links: names of files, `step.output`.
        record: Its result then, if the store still has it.
        foreseen: Seconds it had foreseen itself; 0 when it could not tell.
    """

    key: str
    sources: Mapping[str, str]
    record: Record | None
    foreseen: float = 0.0


@dataclass(frozen=True)
class History:
    """The last runs of one workflow file.

    Attributes:
        store: Where records and notes are.
        workflow: The file's path, which names it here.
        settings: How a run computes, for what its steps foresee.
    """

    store: Store
    workflow: str
    settings: Settings = field(default_factory=Settings, kw_only=True, compare=False)
    _read: dict[str, Last | None] = field(default_factory=dict, init=False, compare=False)
    _means: dict[str, float | None] = field(default_factory=dict, init=False, compare=False)

    def note(self, step: Step, key: str) -> None:
        """Remember how a step was run just now."""
        body = {
            "workflow": self.workflow,
            "step": step.id,
            "key": key,
            "sources": sources(step),
            "foreseen": self._foreseen(step),
        }
        self.store.note_key(self._place(step.id), json.dumps(body, sort_keys=True))
        self._read.pop(step.id, None)

    def last(self, step_id: str) -> Last | None:
        """Return how a step was last run; None when it never was."""
        if step_id not in self._read:
            self._read[step_id] = self._last(step_id)
        return self._read[step_id]

    def difference(self, step: Step, described: Mapping[str, Any]) -> str | None:
        """Say what changed since a step last ran; None when it never ran or nothing did.

        Args:
            step: The step as it is now.
            described: What it computes from now (`keys.described_inputs`).
        """
        last = self.last(step.id)
        if last is None or last.record is None:
            return None
        before = Basis(last.record.inputs, last.sources)
        found = changes(before, Basis(described, sources(step)))
        return "; ".join(found) or None

    def expected_seconds(self, step: Step, key: str | None = None) -> float | None:
        """Tell how long a step may take.

        As with this very key; as last time, more or less by what it foresees itself; as it
        foresees; or as such steps take on average.

        Args:
            step: The step.
            key: Its action key, when it is known.
        """
        same = self.store.record(key) if key else None
        if same and same.op == step.node.name:
            return same.seconds
        now, last = self._foreseen(step), self.last(step.id)
        if last and last.record and last.record.op == step.node.name:
            grown = now / last.foreseen if now and last.foreseen else 1.0
            return last.record.seconds * grown
        return now or self._mean_seconds(step.node.name)

    def _foreseen(self, step: Step) -> float:
        found = foreseen(step, self.settings)
        return found.seconds if found else 0.0

    def _mean_seconds(self, op: str) -> float | None:
        if op not in self._means:
            self._means[op] = self.store.mean_seconds(op)
        return self._means[op]

    def _last(self, step_id: str) -> Last | None:
        noted = self.store.last_key(self._place(step_id))
        try:
            body = json.loads(noted or "")
            record = self.store.record(body["key"])
            return Last(body["key"], body["sources"], record, float(body.get("foreseen", 0)))
        except (ValueError, TypeError, KeyError):  # none, or written by an older version
            return None

    def _place(self, step_id: str) -> str:
        return digest([self.workflow, step_id])


Late = dict[tuple[str, str], tuple[Step, str]]
"""How steps were run that is not written yet: (step, key) by (workflow, step id)."""


@dataclass(frozen=True)
class LateHistory(History):
    """A history that is written when there is time: nobody waits for a file a step.

    Attributes:
        late: What is not written yet, of all workflows of a process.
    """

    late: Late

    def note(self, step: Step, key: str) -> None:
        """Remember how a step was run just now; it only serves to explain: a kill may cost it."""
        self.late[self.workflow, step.id] = step, key
        self._read.pop(step.id, None)

    def _last(self, step_id: str) -> Last | None:
        found = self.late.get((self.workflow, step_id))
        if found is None:
            return super()._last(step_id)
        step, key = found
        return Last(key, sources(step), self.store.record(key), self._foreseen(step))


def write_late(late: Late, store: Store, settings: Settings) -> None:
    """Write down what was only remembered of runs with these settings."""
    while late:
        (workflow, _), (step, key) = late.popitem()
        History(store, workflow, settings=settings).note(step, key)


def sources(step: Step) -> dict[str, str]:
    """Return what is written at the files and links of a step, as people read it."""
    files = {
        name: value.name for name, value in step.settings.items() if isinstance(value, FileRef)
    }
    links = {name: ", ".join(map(str, each_link(source))) for name, source in step.links.items()}
    return files | links
