"""Steps that wait for a place to compute, the one with the most work behind it first."""

from __future__ import annotations

import heapq
from collections.abc import Mapping

from engine.graph import Graph, Step

LIMITS: Mapping[str, int] = {"compute": 1, "io": 16}
"""How many steps may take a unit of each resource at once; other names have one unit."""


class Ready:
    """Ready steps by the limit they count against.

    Args:
        order: Steps by id; the smaller the number, the earlier.
        limits: Units by name, such as `LIMITS`.
    """

    def __init__(self, order: Mapping[str, int], limits: Mapping[str, int]) -> None:
        self._order = order
        self._limits = limits
        self._taken: dict[str, int] = {}
        self._heaps: dict[str, list[tuple[int, Step]]] = {}

    def push(self, step: Step) -> None:
        """Let a step wait."""
        heapq.heappush(self._heaps.setdefault(step.node.limit, []), (self._order[step.id], step))

    def pop(self) -> Step | None:
        """Take the first step whose limit has a unit left, and the unit with it."""
        for limit, heap in self._heaps.items():
            taken = self._taken.get(limit, 0)
            if heap and taken < self._limits.get(limit, 1):
                self._taken[limit] = taken + 1
                return heapq.heappop(heap)[1]
        return None

    def free(self, step: Step) -> None:
        """Give the unit of a step back."""
        self._taken[step.node.limit] -= 1


def critical_order(graph: Graph, seconds: Mapping[str, float]) -> Mapping[str, int]:
    """Order steps by the longest chain of expected seconds that begins with them, longest first.

    Args:
        graph: The graph.
        seconds: Expected seconds by step; 0 where nothing is known.

    Returns:
        A rank per step; steps of equal length keep the order of the graph.
    """
    lengths: dict[str, float] = {}
    for step in reversed(list(graph)):
        after = max((lengths[child] for child in graph.children[step.id]), default=0.0)
        lengths[step.id] = seconds.get(step.id, 0.0) + after
    ordered = sorted(graph.steps, key=lambda step_id: -lengths[step_id])
    return {step_id: rank for rank, step_id in enumerate(ordered)}
