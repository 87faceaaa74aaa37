"""Keys of whole graphs: equal exactly when the results have to be.

Nothing runs here: each value stands for the key it was made under, so equal values mean equal ways
of making them.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.canon import digest
from engine.check import check
from engine.files import Files
from engine.graph import Graph
from engine.keys import action_key
from engine.records import Value
from engine.registry import Registry
from engine.workflow import Link, from_document
from tests.engine.workbench import REGISTRY, Workbench, document, raised, step

Written = dict[str, Any]
thorough = settings(max_examples=60, deadline=None)


def graph_of(written: Written, registry: Registry = REGISTRY) -> Graph:
    files = Files({"inputs": [], "models": []}, lambda path: path.name)
    checked = check(from_document(written), registry, files)
    assert checked.graph is not None, [problem.sentence() for problem in checked.problems]
    return checked.graph


def keys(graph: Graph) -> dict[str, str]:
    found: dict[str, str] = {}
    values: dict[Link, Value] = {}
    for each in graph:
        found[each.id] = action_key(each, values, "float32")
        for name, kind in each.output_types.items():
            made = digest([found[each.id], name])
            values[Link(each.id, name)] = Value(kind.__name__, made, 0)
    return found


@st.composite
def workflows(draw: st.DrawFn) -> Written:
    """Draw a graph of numbers and words, with links, lists of links and two outputs."""
    steps: Written = {"n": step("Number", value=draw(st.integers(-2, 2)))}
    whole: list[str] = ["@n.int"]
    words: list[str] = []
    for index in range(draw(st.integers(1, 7))):
        name = f"s{index}"
        kind = draw(st.sampled_from(["Add", "Subtract", "Halves", "Number", "Say", "Join"]))
        a, b = draw(st.sampled_from(whole)), draw(st.sampled_from(whole))
        if kind in ("Add", "Subtract"):
            steps[name] = step(kind, a=a, b=b)
        elif kind == "Halves":
            steps[name] = step(kind, a=a)
        elif kind == "Number":
            steps[name] = step(kind, value=draw(st.integers(-2, 2)))
        elif kind == "Say" or not words:
            kind, steps[name] = "Say", step("Say", text=draw(st.sampled_from(["", "é", "1"])))
        else:
            steps[name] = step("Join", parts=draw(st.lists(st.sampled_from(words), min_size=1)))
        if kind in ("Say", "Join"):
            words.append(f"@{name}.words")
        elif kind == "Halves":
            whole += [f"@{name}.low", f"@{name}.high"]
        else:
            whole.append(f"@{name}.int")
    return document(**steps)


def descendants(graph: Graph, origins: set[str]) -> set[str]:
    found = set(origins)
    for each in graph:
        if found & set(each.parents):
            found.add(each.id)
    return found


@thorough
@given(workflows(), st.randoms(use_true_random=False))
def test_keys_do_not_depend_on_how_the_file_is_written(
    written: Written, shuffle: random.Random
) -> None:
    names = {name: f"renamed {i}" for i, name in enumerate(written["nodes"])}
    steps = [
        (names[name], rewritten(each, names, REGISTRY)) for name, each in written["nodes"].items()
    ]
    shuffle.shuffle(steps)
    other = {
        "nodes": dict(steps),
        "meta": {"title": "The same"},
        "layout": {"nodes": {name: [1, 2] for name in names.values()}},
        "format": "latentgraph/1",
    }
    before, after = keys(graph_of(written)), keys(graph_of(other))

    assert {names[name]: key for name, key in before.items()} == after


def rewritten(body: Written, names: Mapping[str, str], registry: Registry) -> Written:
    """Write out the defaults, follow the new ids, turn everything around."""
    node = registry.get(body["type"])
    assert node is not None
    defaults = {name: port.default for name, port in node.inputs.items() if port.kind == "setting"}
    inputs = {name: renamed(value, names) for name, value in body["inputs"].items()}
    backwards = dict(reversed({**defaults, **inputs}.items()))
    return {"title": "a box", "inputs": backwards, "version": node.version, "type": body["type"]}


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [renamed(item, names) for item in value]
    if isinstance(value, dict):
        name, _, output = value["link"].rpartition(".")
        return {"link": f"{names[name]}.{output}"}
    return value


@thorough
@given(workflows(), st.integers(3, 9))
def test_a_changed_setting_changes_the_keys_of_its_step_and_its_descendants_and_no_others(
    written: Written, value: int
) -> None:
    changed = {**written, "nodes": {**written["nodes"], "n": step("Number", value=value)}}
    before, after = keys(graph_of(written)), keys(graph_of(changed))
    moved = {name for name in before if before[name] != after[name]}

    assert moved == descendants(graph_of(written), {"n"})


@thorough
@given(workflows(), st.sampled_from(["Number", "Add", "Halves", "Say", "Join"]))
def test_a_raised_version_changes_the_keys_of_its_steps_and_their_descendants_and_no_others(
    written: Written, kind: str
) -> None:
    graph = graph_of(written)
    before, after = keys(graph), keys(graph_of(written, raised(kind)))
    moved = {name for name in before if before[name] != after[name]}

    assert moved == descendants(graph, {each.id for each in graph if each.node.name == kind})


@thorough
@given(workflows(), st.data())
def test_swapping_the_sources_of_two_sockets_changes_the_key(
    written: Written, data: st.DataObject
) -> None:
    graph = graph_of({**written, "nodes": {**written["nodes"], "z": step("Number", value=9)}})
    numbers = [name for name, each in graph.steps.items() if "int" in each.output_types]
    one, other = (f"@{data.draw(st.sampled_from(numbers))}.int" for _ in range(2))

    def key(a: str, b: str) -> str:
        ends = {"z": step("Number", value=9), "end": step("Subtract", a=a, b=b)}
        return keys(graph_of({**written, "nodes": {**written["nodes"], **ends}}))["end"]

    values = keys(graph)
    same = values[one[1:-4]] == values[other[1:-4]]

    assert (key(one, other) == key(other, one)) == same


@pytest.mark.parametrize(
    ("kind", "one", "other", "equal"),
    [
        ("Number", {}, {"value": 0}, True),
        ("Number", {"value": 1}, {"value": 1.0}, True),
        ("Number", {"value": 1}, {"value": 2}, False),
        ("Scale", {"a": 1}, {"a": 1.0}, True),
        ("Scale", {"a": 0.0}, {"a": -0.0}, True),
        ("Scale", {"a": 1}, {"a": 1, "factor": 1}, True),
        ("Say", {}, {"twice": False}, True),
        ("Say", {"text": "1"}, {"text": "1 "}, False),
        ("Say", {"label": "a"}, {"label": "b"}, True),
    ],
)
def test_two_spellings_are_one_setting_exactly_when_the_port_says_so(
    kind: str, one: Written, other: Written, equal: bool
) -> None:
    found = keys(graph_of(document(one=step(kind, **one), other=step(kind, **other))))

    assert (found["one"] == found["other"]) is equal


def test_an_optional_link_that_is_null_is_one_that_is_absent() -> None:
    words = {"say": step("Say")}
    absent = document(**words, join=step("Join", parts=["@say.words"]))
    null = document(**words, join=step("Join", parts=["@say.words"], end=None))

    assert keys(graph_of(absent)) == keys(graph_of(null))


def test_a_literal_and_a_link_have_different_keys(bench: Workbench) -> None:
    one = document(add=step("Add", a=3, b=1))
    other = document(three=step("Number", value=3), add=step("Add", a="@three.int", b=1))

    assert keys(graph_of(one))["add"] != keys(graph_of(other))["add"]


def test_a_raised_version_runs_its_steps_again_and_below_only_what_their_results_change(
    bench: Workbench,
) -> None:
    written = document(
        n=step("Number", value=4),
        parity=step("Parity", a="@n.int"),
        below=step("Add", a="@parity.int", b=1),
        apart=step("Add", a="@n.int", b=1),
    )
    bench.run(written)
    bench.registry = raised("Parity")

    assert bench.computed(written) == {"parity"}


def test_effects_have_the_output_folder_in_their_key_and_other_steps_have_not(
    bench: Workbench,
) -> None:
    written = document(say=step("Say"), save=step("Save", words="@say.words"))
    bench.run(written)
    before = {name: entry.key for name, entry in bench.plan(written).entries.items()}
    bench.place = "elsewhere"
    after = {name: entry.key for name, entry in bench.plan(written).entries.items()}

    assert before["say"] == after["say"]
    assert before["save"] != after["save"]
