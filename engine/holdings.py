"""Values a run keeps in memory until the last step that reads them is done."""

from __future__ import annotations

from collections.abc import Iterable

from engine.memory import Memory
from engine.records import Record, Value


class Holdings:
    """What one run holds in the memory tier, by the step that made it.

    Args:
        memory: The memory tier.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._held: dict[str, list[Value]] = {}

    def hold(self, step: str, record: Record) -> None:
        """Hold the outputs of a step, as far as they are in memory."""
        values = [value for value in record.outputs.values() if value.data is None]
        if held := [value for value in values if self._memory.hold(value)]:
            self._held[step] = held

    def let_go(self, steps: Iterable[str]) -> None:
        """Let the outputs of these steps be dropped."""
        for step in steps:
            self.release(self._held.pop(step, ()))

    def release(self, values: Iterable[Value]) -> None:
        """Give up one hold on each of these values; those inside their records are never held."""
        for value in values:
            if value.data is None:
                self._memory.release(value)
