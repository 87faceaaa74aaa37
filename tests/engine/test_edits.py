"""Pressing a fix: the edits of a problem, applied to the document, make it go away."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from engine.edits import apply
from engine.errors import WorkflowError
from engine.problems import Edit, NewStep
from tests.engine.toy_facts import recipe_in
from tests.engine.workbench import Workbench, document, step

# Shared with web/src/check/check.test.ts: the editor and the engine mend a document alike.
CASES = json.loads((Path(__file__).parents[1] / "fixtures" / "edits.json").read_text())
NUMBER, CLOTH, SAY = step("Number"), step("Weave"), step("Say")
MISTAKES: dict[str, dict[str, Any]] = {
    "a slip in the name of an input": {"x": step("Say", txet="hi")},
    "an input there is none of": {"x": step("Number", hat=1)},
    "a missing link, and one output fits": {"x": step("Save"), "say": SAY},
    "a missing link in a list": {"x": step("Join", parts=[]), "say": SAY},
    "a number as text": {"x": step("Number", value="4")},
    "a broken number for a whole one": {"x": step("Number", value=4.4)},
    "a number below its bounds": {"x": step("Scale", a=1, factor=-3)},
    "a number above its bounds": {"x": step("Scale", a=1, factor=30)},
    "null for a number": {"x": step("Number", value=None)},
    "a list for a truth value": {"x": step("Say", twice=[])},
    "a truth value as text": {"x": step("Say", twice="True")},
    "text of another kind for a number": {"x": step("Number", value="four")},
    "a slip in a choice": {"x": step("Say", tone="lout")},
    "an address without braces": {"x": step("Save", words="say.words"), "say": SAY},
    "one link where a list must be": {"x": step("Join", parts="@say.words"), "say": SAY},
    "a slip in a step's name": {"x": step("Add", a="@nmuber.int"), "number": NUMBER},
    "a slip in an output's name": {"x": step("Add", a="@n.intt"), "n": NUMBER},
    "a slip in a list of links": {
        "x": step("Join", parts=["@say.words", "@say.word"]), "say": SAY,
    },
    "the wrong output of a step": {
        "x": step("Save", words="@n.int"), "n": NUMBER, "say": SAY,
    },
    "the wrong type for a variable": {
        "x": step("Same", a="@n.int", b="@c.cloth"), "n": NUMBER, "c": CLOTH,
    },
    "facts that clash, and one output fits": {
        "x": step("Sew", left="@c.cloth", right="@d.cloth"),
        "c": CLOTH, "d": step("Weave", width=4),
    },
    "an output there will be none of": {
        "x": step("Save", words="@m.rest"), "m": step("Model"),
    },
    "a branch that is needed and not linked": {
        "x": step("Switch", first=False, a="@c.cloth"), "c": CLOTH,
    },
    "what a node mends with another step": {
        "x": step("Fold", cloth="@c.cloth"), "c": step("Weave", width=5),
    },
    "a cycle through an input that may be absent": {
        "x": step("Join", parts=["@say.words"], end="@y.words"), "say": SAY,
        "y": step("Join", parts=["@x.words"]),
    },
    "a slip in a file's name": {"x": step("ReadFile", file="lettr.txt")},
    "another file than was meant": {
        "x": step("ReadFile", file={"name": "letter.txt", "sha256": "0" * 64}),
    },
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_first_fix_makes_the_problem_go_away(
    bench: Workbench, tmp_path: Path, mistake: str
) -> None:
    recipe_in(tmp_path, "hello", "letter.txt")
    written = document(**MISTAKES[mistake])
    problem = next(item for item in bench.check(written).problems if item.step == "x")
    fix = next(fix for fix in problem.fixes if fix.edits)
    mended = apply(written, fix.edits)

    assert problem.got or problem.code == "cycle"
    assert (problem.code, problem.where) not in [
        (item.code, item.where) for item in bench.check(mended).problems
    ]
    assert bench.check(mended).graph is not None


def test_an_edit_changes_nothing_else_and_not_the_document_that_came_in() -> None:
    written = {
        "$schema": "x", "zeta": [1], **document(b=step("Add", b=2, a="@a.int"), a=NUMBER),
        "layout": {"nodes": {"a": [1, 2]}},
    }  # fmt: skip
    before = copy.deepcopy(written)
    mended = apply(written, [Edit("b", "a", 3)])

    assert written == before
    assert json.dumps(mended) == json.dumps(before).replace('{"link": "a.int"}', "3")


def test_an_edit_without_a_value_takes_the_input_out() -> None:
    mended = apply(document(b=step("Add", a=1, b=2)), [Edit("b", "b")])

    assert mended["nodes"]["b"]["inputs"] == {"a": 1}


def test_a_new_step_reads_the_old_source_and_has_a_name_of_its_own() -> None:
    written = document(
        c=CLOTH, trim=step("Trim", cloth="@c.cloth"), fold=step("Fold", cloth="@trim.cloth")
    )
    mended = apply(written, [Edit("fold", "cloth", via=NewStep("Trim", "cloth", "cloth"))])

    assert list(mended["nodes"]) == ["c", "trim", "fold", "trim_2"]
    assert mended["nodes"]["trim_2"] == {
        "type": "Trim", "inputs": {"cloth": {"link": "trim.cloth"}},
    }  # fmt: skip
    assert mended["nodes"]["fold"]["inputs"] == {"cloth": {"link": "trim_2.cloth"}}


def test_a_new_step_has_its_own_settings_and_stands_before_every_item_of_a_list() -> None:
    written = document(say=SAY, join=step("Join", parts=["@say.words", "@say.words"]))
    new = NewStep("ReadFile", "words", "words", {"tone": "loud"})
    mended = apply(written, [Edit("join", "parts", via=new)])

    assert mended["nodes"]["join"]["inputs"]["parts"] == [
        {"link": "read_file.words"}, {"link": "read_file_2.words"},
    ]  # fmt: skip
    assert mended["nodes"]["read_file_2"]["inputs"]["tone"] == "loud"


@pytest.mark.parametrize("nodes", [{}, {"x": 3}, {"x": {"type": "Add", "inputs": []}}])
def test_a_step_that_is_not_there_cannot_be_edited(nodes: dict[str, Any]) -> None:
    with pytest.raises(WorkflowError, match="no step whose inputs can be edited"):
        apply({"nodes": nodes}, [Edit("x", "a", 1)])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_editor_and_the_engine_make_the_same_edits(case: dict[str, Any]) -> None:
    edits = [
        Edit(**{**edit, "via": edit["via"] and NewStep(**edit["via"])}) for edit in case["edits"]
    ]
    assert json.dumps(apply(case["before"], edits)) == json.dumps(case["after"])
