"""A setting that is linked to what the graph itself writes down is checked as if it stood there."""

from __future__ import annotations

from engine.workflow import Link
from tests.engine.workbench import Workbench, document, step


def test_a_linked_number_that_is_written_down_is_used_by_the_check(bench: Workbench) -> None:
    checked = bench.check(document(
        n=step("Written", number=5),
        cloth=step("Weave", width="@n.int"),
        fold=step("Fold", cloth="@cloth.cloth"),
    ))  # fmt: skip

    (problem,) = checked.problems
    assert problem.step == "fold"
    assert problem.because == ("w is 5 from cloth.cloth (cloth.width = 5)",)
    assert checked.facts[Link("n", "int")] == {"value": 5}


def test_a_written_number_that_a_setting_does_not_take_is_refused_where_it_arrives(
    bench: Workbench,
) -> None:
    wide = document(n=step("Written", number=500), cloth=step("Weave", width="@n.int"))
    (problem,) = bench.check(wide).problems

    assert problem.sentence() == (
        "cloth.width: 500 is above the maximum 100 (because value is 500 from n.int"
        " (n.number = 500)); write 100 instead of the link."
    )
    (edit,) = problem.fixes[0].edits
    assert (edit.step, edit.input, edit.value) == ("cloth", "width", 100)


def test_a_linked_number_that_only_the_run_knows_stays_open(bench: Workbench) -> None:
    open_width = document(n=step("Number", value=500), cloth=step("Weave", width="@n.int"))

    assert bench.check(open_width).problems == ()


def test_what_was_known_before_the_run_changes_no_key(bench: Workbench) -> None:
    """A step's key is made of its links, so that results of older versions are still found."""
    graph = bench.graph(document(n=step("Written", number=5), c=step("Weave", width="@n.int")))

    assert "width" not in graph.steps["c"].settings


def test_a_written_number_arrives_at_the_run(bench: Workbench) -> None:
    made = document(n=step("Written", number=6), cloth=step("Weave", width="@n.int"))
    bench.run(made)
    record = bench.plan(made).entries["cloth"].record

    assert record is not None
    assert record.outputs["cloth"].facts["w"] == 6
