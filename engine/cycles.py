"""The order of the steps, and the cycles that keep some of them from having one."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

_MOST_STARTS = 200  # steps of a group from which the shortest way round is sought
_MOST_VISITS = 100_000  # steps gone through in all: in a large graph, a way round must do

Parents = Mapping[str, Sequence[str]]


def order_of(parents: Parents) -> tuple[list[str], list[str]]:
    """Order steps so that parents come first, stably.

    Returns:
        The ordered steps, and those that have no place because they are in a cycle or below one.
    """
    children: dict[str, list[str]] = {step: [] for step in parents}
    missing = {step: len(above) for step, above in parents.items()}
    for step, above in parents.items():
        for parent in above:
            children[parent].append(step)
    ready = deque(step for step, count in missing.items() if not count)
    order = []
    while ready:
        step = ready.popleft()
        order.append(step)
        for child in children[step]:
            missing[child] -= 1
            if not missing[child]:
                ready.append(child)
    return order, [step for step, count in missing.items() if count]


def find_cycles(parents: Parents, among: Sequence[str]) -> list[list[str]]:
    """Return one cycle of each group of steps that wait for each other, the shortest of the group.

    Args:
        parents: What each step reads from.
        among: Steps that may be part of one; all others are left out.

    Returns:
        Ids along each cycle, the first repeated at the end: a, b, a.
    """
    import networkx as nx  # noqa: PLC0415 - its import costs more than most checks

    inside = set(among)
    graph: Any = nx.DiGraph()
    graph.add_nodes_from(among)
    graph.add_edges_from(
        (parent, step) for step in among for parent in parents[step] if parent in inside
    )
    place = {step: index for index, step in enumerate(among)}
    groups = [
        sorted(group, key=place.__getitem__) for group in nx.strongly_connected_components(graph)
    ]
    tied = [group for group in groups if len(group) > 1 or graph.has_edge(group[0], group[0])]
    tied.sort(key=lambda group: place[group[0]])
    starts = max(1, min(_MOST_STARTS, _MOST_VISITS // max(1, len(among))))
    return [_shortest(graph, group, starts) for group in tied]


def _shortest(graph: Any, group: Sequence[str], starts: int) -> list[str]:
    inside = set(group)
    return min((_round_trip(graph, start, inside) for start in group[:starts]), key=len)


def _round_trip(graph: Any, start: str, inside: set[str]) -> list[str]:
    """Return the shortest way from a step back to itself, breadth first."""
    before: dict[str, str] = {}
    waiting = deque([start])
    while start not in before:
        step = waiting.popleft()
        for child in graph.successors(step):
            if child in inside and child not in before:
                before[child] = step
                waiting.append(child)
    way = [start]
    while len(way) == 1 or way[-1] != start:
        way.append(before[way[-1]])
    return way[::-1]
