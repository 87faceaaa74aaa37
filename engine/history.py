"""Why a step has to run: what differs from the last time this step of this workflow ran."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.canon import digest
from engine.store import Store
from engine.verdict import shown


@dataclass(frozen=True)
class History:
    """The last runs of one workflow file, named by its path."""

    store: Store
    workflow: str

    def note(self, step: str, key: str) -> None:
        """Remember the key a step has now."""
        self.store.note_key(self._place(step), key)

    def expected_seconds(self, step, key):
        return None

    def difference(self, step, values, numerics):
        from engine.keys import described_inputs

        now = described_inputs(step, values, numerics)
        step = step.id
        """Say what changed since the step last ran; None when it never ran or nothing did."""
        key = self.store.last_key(self._place(step))
        record = self.store.record(key) if key else None
        if record is None:
            return None
        return "; ".join(_changes(record.inputs, now)) or None

    def _place(self, step: str) -> str:
        return digest([self.workflow, step])


def _changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name in ("op", "version", "numerics"):
        if before.get(name) != now[name]:
            yield f"{name} was {before.get(name)}, is {now[name]}"
    if before.get("op") != now["op"]:
        return  # another node's settings compare to nothing
    old, new = before.get("settings", {}), now["settings"]
    for name in new:
        if old.get(name) != new[name]:
            yield _changed_setting(name, old.get(name), new[name])
    for name, brought in now["inputs"].items():
        if before.get("inputs", {}).get(name) != brought:
            yield f"{name} brings another value"


def _changed_setting(name: str, old: Any, new: Any) -> str:
    if isinstance(new, Mapping):
        return f"the file of {name} changed"
    return f"{name} was {shown(old)}, is {shown(new)}"
