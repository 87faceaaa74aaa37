from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.graph import Graph
from engine.ready import Ready, critical_order
from tests.engine.workbench import Workbench, document, step


def graph(bench: Workbench) -> Graph:
    return bench.graph(
        document(
            short=step("Number", value=1),
            long=step("Number", value=2),
            after=step("Add", a="@long.int", b=1),
            both=step("Add", a="@after.int", b="@short.int"),
            dig=step("Dig", a=1, log="log"),
        )
    )


def test_the_first_step_of_the_longest_way_comes_first(bench: Workbench) -> None:
    order = critical_order(graph(bench), {"short": 2.0, "long": 1.0, "after": 3.0, "both": 1.0})

    assert sorted(order, key=order.__getitem__) == ["long", "after", "short", "both", "dig"]


def test_without_known_seconds_the_order_of_the_graph_stays(bench: Workbench) -> None:
    steps = graph(bench)

    assert list(critical_order(steps, {})) == list(steps.steps)


@given(places=st.permutations(range(4)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_steps_come_out_in_their_order_whatever_order_they_went_in(
    bench: Workbench, places: list[int]
) -> None:
    steps = [found for found in graph(bench) if found.node.limit == "compute"]
    ready = Ready({found.id: rank for rank, found in enumerate(steps)}, {"compute": 4})
    for place in places:
        ready.push(steps[place])

    assert list(iter(ready.pop, None)) == steps


def test_no_more_steps_come_out_than_their_limit_has_units(bench: Workbench) -> None:
    steps = graph(bench).steps
    ready = Ready({name: rank for rank, name in enumerate(steps)}, {"compute": 1})
    for name in ("short", "long", "dig"):
        ready.push(steps[name])

    assert [ready.pop(), ready.pop(), ready.pop()] == [steps["short"], steps["dig"], None]

    ready.free(steps["short"])

    assert ready.pop() == steps["long"]
    assert ready.pop() is None
