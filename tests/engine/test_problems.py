from __future__ import annotations

import json

import pytest

from engine.ledger import Found, Ledger
from engine.problems import Edit, Finding, Fix, NewStep, Problem, advice, problem_of


def shown(*found: Found) -> list[tuple[str, int]]:
    ledger = Ledger()
    ledger.note(found)
    return [(item.message, item.hidden) for item in ledger.problems(lambda item: item.problem)]


def found(message: str, **known: object) -> Found:
    return Found(Problem("x", message), **known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (Problem("x", "all is lost"), "all is lost."),
        (Problem("x", "is lost", "a"), "a: is lost."),
        (Problem("x", "is lost", "a", "b"), "a.b: is lost."),
        (Problem("x", "is lost", because=("c is 4", "d is 5")),
         "is lost (because c is 4; d is 5)."),
        (Problem("x", "is lost", fixes=advice("find it")), "is lost; find it."),
        (Problem("x", "is lost", fixes=(Fix("find it"), Fix("buy one"))),
         "is lost; find it, or buy one."),
        (Problem("x", "is lost", fixes=advice('did you mean "found"?')),
         'is lost; did you mean "found"?'),
        (Problem("x", "is lost", hidden=1), "is lost. (1 later problem follows from this.)"),
    ],
)  # fmt: skip
def test_a_problem_is_one_readable_sentence(problem: Problem, sentence: str) -> None:
    assert problem.sentence() == sentence


def test_all_of_a_problem_is_told_to_programs() -> None:
    edit = Edit("a", "b", via=NewStep("Trim", "cloth", "cloth", {"n": 1}))
    problem = Problem(
        "odd", "is odd", "a", "b", ("w is 5",), (Fix("trim it", (edit,)),), "5", "an even number"
    )

    assert json.loads(json.dumps(problem.to_json())) == {
        "severity": "error", "code": "odd", "message": "is odd", "step": "a", "port": "b",
        "because": ["w is 5"], "got": "5", "expected": "an even number", "hidden": 0,
        "fix": "trim it",
        "fixes": [{"text": "trim it", "edits": [{
            "step": "a", "input": "b", "value": None,
            "via": {"type": "Trim", "reads": "cloth", "gives": "cloth", "inputs": {"n": 1}},
        }]}],
    }  # fmt: skip


def test_edits_of_a_nodes_own_finding_are_edits_of_its_step() -> None:
    fixes = (Fix("set it", (Edit("", "width", 8), Edit("other", "height", 8))),)
    problem = problem_of(Finding("is odd.", port="width", fixes=fixes, severity="warning"), "me")

    assert [edit.step for edit in problem.fixes[0].edits] == ["me", "other"]
    assert (problem.sentence(), problem.severity) == ("me.width: is odd; set it.", "warning")


def test_what_follows_is_counted_with_the_first_problem_of_the_chain() -> None:
    first = found("first")
    second = found("second", follows=first)

    assert shown(first, second, found("third", follows=second)) == [("first", 2)]


def test_problems_of_one_cause_are_listed_once() -> None:
    assert shown(found("a", cause=1), found("b", cause=1), found("c", cause=2)) == [
        ("a", 1), ("c", 0),
    ]  # fmt: skip


def test_no_error_hides_behind_a_warning() -> None:
    doubt = Found(Problem("x", "doubtful", severity="warning"))

    assert shown(doubt, found("wrong", follows=doubt)) == [("doubtful", 0), ("wrong", 0)]
