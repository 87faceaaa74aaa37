"""Muted and bypassed steps: what runs, what is left out, what is handed on."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.modes import in_effect
from engine.workflow import from_document
from tests.engine.workbench import REGISTRY, Workbench, document, step


def muted(written: dict[str, Any]) -> dict[str, Any]:
    return {**written, "mode": "mute"}


def bypassed(written: dict[str, Any]) -> dict[str, Any]:
    return {**written, "mode": "bypass"}


def add(a: Any, b: Any = 1) -> dict[str, Any]:
    return step("Add", a=a, b=b)


def test_a_muted_step_does_not_run_nor_what_needs_it(bench: Workbench) -> None:
    written = document(
        one=add(1), two=muted(add("@one.int")), three=add("@two.int"),
        show=step("Show", number="@three.int"), other=step("Show", number="@one.int"),
    )  # fmt: skip

    assert bench.computed(written) == {"one", "other"}
    found = bench.check(written).warnings
    assert {(problem.code, problem.step) for problem in found} == {
        ("left-out", "three"), ("left-out", "show"),
    }  # fmt: skip
    assert all('needs "two", which is muted' in problem.message for problem in found)


def test_what_can_do_without_a_muted_step_runs_without_it(bench: Workbench) -> None:
    a, b, end = (step("Say", text=text) for text in ("a", "b", "end"))
    written = document(
        a=a, b=muted(b), end=muted(end),
        join=step("Join", parts=["@a.words", "@b.words"], end="@end.words"),
        save=step("Save", words="@join.words"),
    )  # fmt: skip

    assert bench.computed(written) == {"a", "join", "save"}
    assert bench.check(written).problems == ()


def test_a_bypassed_step_hands_on_what_it_reads(bench: Workbench) -> None:
    plain = document(one=add(1), show=step("Show", number="@one.int"))
    around = document(one=add(1), two=bypassed(add("@one.int", 40)), three=bypassed(
        add("@two.int", 40)), show=step("Show", number="@three.int"))  # fmt: skip

    bench.run(plain)
    assert bench.states(around) == bench.states(plain) == {"one": "cached", "show": "cached"}
    assert bench.check(around).problems == ()


def test_a_step_that_reads_nothing_of_the_kind_cannot_be_bypassed(bench: Workbench) -> None:
    written = document(one=bypassed(add(1)), show=step("Show", number="@one.int"))

    assert "cannot-bypass" in bench.codes(written)
    assert 'no link of the type of its output "int"' in bench.sentences(written)


def test_bypassed_steps_in_a_circle_are_refused(bench: Workbench) -> None:
    written = document(one=bypassed(add("@two.int")), two=bypassed(add("@one.int")), show=step(
        "Show", number="@one.int"))  # fmt: skip

    assert "cannot-bypass" in bench.codes(written)


def test_a_muted_step_may_be_of_an_unknown_type(bench: Workbench) -> None:
    written = document(odd=muted(step("FromElsewhere", a=1)), show=step("Show", number=3))

    assert bench.computed(written) == {"show"}


def test_a_parameter_of_a_muted_step_does_no_harm(bench: Workbench) -> None:
    written = {**document(one=muted(add(1)), show=step("Show", number=3)),
               "parameters": {"a": "one.a"}}  # fmt: skip

    assert bench.check(written).problems == ()


def test_a_workflow_of_muted_steps_only_is_refused(bench: Workbench) -> None:
    assert "every step is muted" in bench.sentences(document(one=muted(add(1))))


@pytest.mark.parametrize("mode", ["off", 3, None, ["mute"], {}])
def test_another_mode_is_refused(bench: Workbench, mode: Any) -> None:
    written = document(one={**add(1), "mode": mode}, show=step("Show", number="@one.int"))

    assert '"mode" must be "mute" or "bypass"' in bench.sentences(written)


def test_the_file_keeps_what_is_muted() -> None:
    written = document(one=muted(add(1)), show=step("Show", number=3))
    workflow = from_document(written)

    reduced, _ = in_effect(workflow, REGISTRY)

    assert reduced.steps.keys() == {"show"}
    assert workflow.document == written


@given(data=st.data())
def test_what_is_left_reads_only_from_what_is_left(data: st.DataObject) -> None:
    steps: dict[str, Any] = {}
    for number in range(data.draw(st.integers(1, 12))):
        sources = st.sampled_from([f"@s{n}.int" for n in range(number)]) if number else st.just(1)
        made = add(data.draw(sources | st.just(1)), data.draw(sources | st.just(2)))
        mode = data.draw(st.sampled_from(["", "", "mute", "bypass"]))
        steps[f"s{number}"] = {**made, "mode": mode} if mode else made
    workflow = from_document(document(**steps))

    reduced, problems = in_effect(workflow, REGISTRY)

    refused = {found.step for found in problems if found.severity == "error"}
    for source in reduced.steps.values():
        assert not source.mode
        for value in source.inputs.values():
            if isinstance(value, dict):
                assert value["link"].split(".")[0] in reduced.steps.keys() | refused
