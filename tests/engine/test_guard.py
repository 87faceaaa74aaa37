"""What the check had to leave open is asked again at the run, in the same words."""

from __future__ import annotations

from typing import Any

import pytest

from engine import guard
from engine.errors import StepError
from engine.events import StepFailed
from engine.graph import Step
from engine.workflow import Link
from tests.engine import toy_facts, toy_nodes
from tests.engine.toy_facts import Cloth
from tests.engine.toy_nodes import Words
from tests.engine.workbench import Workbench, document, step


def linked(width: int) -> dict[str, Any]:
    """A piece of cloth whose width is known at the run only."""
    return {"n": step("Number", value=width), "cloth": step("Weave", width="@n.int")}


def sew(**facts: Any) -> tuple[Step, dict[Link, Any]]:
    links = {name: Link(name, "cloth") for name in ("left", "right")}
    made = Step("sew", toy_facts.sew, {}, links, {"cloth": Cloth})
    return made, {links[name]: found for name, found in facts.items()}


def test_a_clash_that_the_check_could_not_see_fails_the_step_in_its_words(
    bench: Workbench,
) -> None:
    plain = step("Weave", width=4)
    together = step("Sew", left="@plain.cloth", right="@cloth.cloth")
    outcome = bench.run(document(plain=plain, sew=together, **linked(6)))
    (failed,) = bench.of(StepFailed)
    known = document(plain=plain, cloth=step("Weave", width=6), sew=together)
    (problem,) = bench.check(known).problems

    assert outcome.status == "failed"
    assert failed.step == "sew"
    assert failed.message.startswith(f"right: {problem.message} (because w is 4 from plain.cloth;")


def test_what_a_node_finds_wrong_is_asked_again_with_the_actual_facts(bench: Workbench) -> None:
    bench.run(document(fold=step("Fold", cloth="@cloth.cloth"), **linked(5)))
    (failed,) = bench.of(StepFailed)

    assert failed.message == (
        "cloth: cloth of width 5 cannot be folded evenly (because w is 5 from cloth.cloth);"
        " trim it, or use another cloth."
    )


def test_what_a_node_refuses_to_infer_is_refused_at_the_run(bench: Workbench) -> None:
    bench.run(document(n=step("Number", value=3), model=step("Model", size="@n.int")))
    (failed,) = bench.of(StepFailed)

    assert failed.message == "size is 3 but must be even; use 4."


def test_a_warning_fails_no_step(bench: Workbench) -> None:
    written = document(
        n=step("Number", value=1), fold=step("Fold", cloth="@c.cloth", times="@n.int"),
        c=step("Weave"),
    )  # fmt: skip

    assert bench.run(written).status == "done"


def test_a_value_says_its_own_facts_and_they_are_kept_with_it(bench: Workbench) -> None:
    written = document(**linked(4), fold=step("Fold", cloth="@cloth.cloth"))
    bench.run(written)
    plan = bench.plan(written)
    record = plan.entries["cloth"].record

    assert record is not None
    assert dict(record.outputs["cloth"].facts) == {"w": 4, "pattern": "plain"}


def test_a_broken_promise_names_the_node(bench: Workbench) -> None:
    bench.run(document(c=step("Weave"), cheat=step("Cheat", cloth="@c.cloth")))
    (failed,) = bench.of(StepFailed)

    assert failed.message == (
        "Cheat promised cloth with w 10 and made w 11; this is a fault of the node"
    )


def test_a_choice_has_the_facts_of_the_value_it_took(bench: Workbench) -> None:
    outcome = bench.run(
        document(
            yes=step("Truth"), a=step("Weave", width=5), b=step("Weave", width=4),
            pick=step("Switch", first="@yes.bool", a="@a.cloth", b="@b.cloth"),
            fold=step("Fold", cloth="@pick.value"),
        )
    )  # fmt: skip
    (failed,) = bench.of(StepFailed)

    assert "b" not in outcome.states
    assert "because w is 5 from pick.value" in failed.message


def test_an_output_that_was_not_to_be_has_the_facts_it_says_itself() -> None:
    made = Step("model", toy_nodes.model, {"size": 4}, {}, {"words": Words, "rest": Words})
    results = {"words": Words("mmmm"), "rest": Words("")}

    assert guard.output_facts(made, {"size": 4}, {}, results) == {"words": {"c": 4}, "rest": {}}


def test_a_lazy_link_that_was_not_asked_for_says_nothing_of_the_output() -> None:
    links = {name: Link(name, "words") for name in ("a", "b")}
    made = Step("pick", toy_facts.switch, {"first": True}, links, {"value": Words})
    facts = {links["a"]: {"c": 4}}

    assert guard.output_facts(made, {"first": True}, facts, {"value": Words("")}) == {
        "value": {"c": 4}
    }


def test_facts_that_agree_or_are_unknown_pass() -> None:
    guard.verify(*_with_settings(sew(left={"w": 4}, right={"w": 4, "pattern": "dots"})))
    guard.verify(*_with_settings(sew(left={"w": 4})))


def test_all_that_is_wrong_is_told_at_once() -> None:
    made, facts = sew(left={"w": 4, "pattern": "dots"}, right={"w": 6, "pattern": "rows"})

    with pytest.raises(StepError) as caught:
        guard.verify(made, {}, facts)

    assert str(caught.value).count("right: ") == 2


def test_facts_of_outputs_come_from_letters_and_from_the_value() -> None:
    made, facts = sew(left={"w": 4}, right={})

    assert guard.output_facts(made, {}, facts, {"cloth": Cloth(4, "dots")}) == {
        "cloth": {"w": 4, "pattern": "dots"}
    }


def _with_settings(made: tuple[Step, dict[Link, Any]]) -> tuple[Step, dict[str, Any], Any]:
    return made[0], {}, made[1]
