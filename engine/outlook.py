"""How much memory a planned run will take, from what its nodes say of their steps.

Steps are taken one at a time in the order of the graph. What a step keeps stays for the rest of the
run, so that the most is held while the largest step runs over all that was kept before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.contract import Settings
from engine.estimate import machine_bytes
from engine.foresight import foreseen
from engine.plan import Plan


@dataclass(frozen=True)
class Outlook:
    """What is known of a run's memory.

    Attributes:
        steps: Bytes each step needs for itself, of those that will or may run and can tell.
        peak: Bytes at most at one time; 0 when no step can tell.
        unknown: Steps that take memory but could not tell how much.
        machine: Bytes there are; None where they are not those of this machine.
    """

    steps: Mapping[str, int]
    peak: int
    unknown: tuple[str, ...]
    machine: int | None

    def to_json(self) -> dict[str, Any]:
        """Encode for `--plan --json` and the interface."""
        return {"peak": self.peak, "machine": self.machine, "unknown": list(self.unknown)}


def outlook(plan: Plan, settings: Settings) -> Outlook:
    """Ask the steps of a plan how much memory they will take.

    Args:
        plan: What would run.
        settings: How; on another device than the processor the machine's memory does not count.
    """
    kept: dict[str, int] = {}
    steps: dict[str, int] = {}
    unknown: list[str] = []
    peak = 0
    for entry in plan.entries.values():
        if entry.state not in ("run", "may run") or entry.step.node.estimate is None:
            continue
        told = foreseen(entry.step, settings)
        if told is None:
            unknown.append(entry.step.id)
            continue
        for name, nbytes in told.kept.items():
            kept[name] = max(nbytes, kept.get(name, 0))
        steps[entry.step.id] = told.working + sum(told.kept.values())
        peak = max(peak, told.working + sum(kept.values()))
    machine = machine_bytes() if settings.device == "cpu" else None
    return Outlook(steps, peak, tuple(unknown), machine)


def plan_to_json(plan: Plan, memory: Outlook) -> dict[str, Any]:
    """Encode what would run with the memory it will take."""
    steps = [
        {**entry.to_json(), "memory": memory.steps.get(entry.step.id)}
        for entry in plan.entries.values()
    ]
    return {"steps": steps, "memory": memory.to_json()}
