"""How a run ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

State = Literal["cached", "computed", "failed", "skipped"]
Status = Literal["done", "failed", "cancelled"]


@dataclass
class Outcome:
    """A state per finished step, and the files it saved or found saved."""

    status: Status = "done"
    states: dict[str, State] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)

    def count(self, state: State) -> int:
        """Count the steps in a state."""
        return sum(found == state for found in self.states.values())

    def note(self, step: str, state: State, files: tuple[str, ...] = ()) -> None:
        """Note a step; what was computed stays so, however often it is looked up afterwards."""
        if self.states.get(step) != "computed":
            self.states[step] = state
        self.files += [file for file in files if file not in self.files]
