from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from engine.cycles import find_cycles, order_of
from tests.engine.workbench import Workbench, document, step


def with_parents(count: int) -> st.SearchStrategy[dict[str, list[str]]]:
    names = [str(number) for number in range(count)]
    above = st.lists(st.sampled_from(names), max_size=3, unique=True)
    return st.fixed_dictionaries(dict.fromkeys(names, above))


graphs = st.integers(1, 7).flatmap(with_parents)


def digraph(parents: dict[str, list[str]]) -> Any:
    graph: Any = nx.DiGraph()
    graph.add_nodes_from(parents)
    graph.add_edges_from((parent, name) for name, above in parents.items() for parent in above)
    return graph


@given(graphs)
def test_parents_come_first_and_only_what_waits_for_a_cycle_has_no_place(
    parents: dict[str, list[str]],
) -> None:
    order, stuck = order_of(parents)
    graph = digraph(parents)
    cyclic = {step for cycle in nx.simple_cycles(graph) for step in cycle}
    below = {step for start in cyclic for step in nx.descendants(graph, start)} | cyclic

    assert set(stuck) == below
    assert sorted(order + stuck) == sorted(parents)
    for place, name in enumerate(order):
        assert set(parents[name]) <= set(order[:place])


@given(graphs)
def test_each_group_that_waits_for_itself_is_shown_by_its_shortest_cycle(
    parents: dict[str, list[str]],
) -> None:
    graph = digraph(parents)
    found = find_cycles(parents, order_of(parents)[1])
    groups = [
        group
        for group in nx.strongly_connected_components(graph)
        if len(group) > 1 or graph.has_edge(*list(group) * 2)
    ]

    assert len(found) == len(groups)
    for cycle in found:
        group = next(group for group in groups if cycle[0] in group)
        shortest = min(len(way) for way in nx.simple_cycles(graph.subgraph(group)))
        assert len(cycle) == shortest + 1
        assert cycle[0] == cycle[-1]
        assert all(graph.has_edge(*edge) for edge in pairwise(cycle))


def test_all_cycles_are_reported_and_the_rest_is_still_checked(bench: Workbench) -> None:
    written = document(
        a=step("Add", a="@b.int"), b=step("Add", a="@a.int"),
        c=step("Add", a="@c.int"), below=step("Add", a="@c.int", b="x"),
        d=step("Save", words="@a.int"),
    )  # fmt: skip

    assert bench.codes(written) == ["cycle", "cycle", "wrong-value", "wrong-type"]
    assert "c -> c" in bench.sentences(written)


def test_one_large_cycle_is_found_in_time_that_grows_with_its_length() -> None:
    def seconds(count: int) -> float:
        parents = {str(i): [str((i - 1) % count)] for i in range(count)}
        started = time.perf_counter()
        (cycle,) = find_cycles(parents, list(parents))
        assert len(cycle) == count + 1
        return time.perf_counter() - started

    seconds(100)  # imports networkx
    assert seconds(4000) < 12 * seconds(1000)
