"""Facts: what the check knows before a run, who said so, and what follows from what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.check import Checked, check
from engine.errors import StepError
from engine.files import Files
from engine.workflow import from_document
from tests.engine.toy_facts import Cloth, recipe_in
from tests.engine.toy_nodes import Words
from tests.engine.workbench import REGISTRY, document, step


def checked(folder: Path, **steps: Any) -> Checked:
    files = Files(
        {"inputs": [folder], "models": []}, lambda path: path.read_bytes().hex().ljust(64)
    )
    return check(from_document(document(**steps), folder), REGISTRY, files)


def sentences(found: Checked) -> list[str]:
    return [problem.sentence() for problem in found.problems]


def test_a_fact_is_told_with_the_setting_it_was_inferred_from(tmp_path: Path) -> None:
    found = checked(
        tmp_path,
        thin=step("Weave", width=4),
        wide=step("Weave", width=6),
        sew=step("Sew", left="@thin.cloth", right="@wide.cloth"),
    )
    (problem,) = found.problems

    assert (problem.got, problem.expected) == ("w 6", "w 4")
    assert problem.because == (
        "w is 4 from thin.cloth (thin.width = 4)",
        "w is 6 from wide.cloth (wide.width = 6)",
    )


def test_a_fact_is_told_with_the_file_it_was_read_from(tmp_path: Path) -> None:
    cloth = step("Weave")
    found = checked(
        tmp_path,
        a=cloth,
        dots=step("Dye", cloth="@a.cloth", recipe=recipe_in(tmp_path, "dots", "dots.txt")),
        rows=step("Dye", cloth="@a.cloth", recipe=recipe_in(tmp_path, "rows", "rows.txt")),
        sew=step("Sew", left="@dots.cloth", right="@rows.cloth"),
    )

    assert found.problems[0].because == (
        "pattern is dots from dots.cloth (Cloth of dots.txt)",
        "pattern is rows from rows.cloth (Cloth of rows.txt)",
    )


def test_a_letter_carries_a_fact_and_its_origin_through_steps(tmp_path: Path) -> None:
    found = checked(
        tmp_path,
        thin=step("Weave", width=4),
        dyed=step("Dye", cloth="@thin.cloth", recipe=recipe_in(tmp_path, "dots")),
        wide=step("Weave", width=6),
        sew=step("Sew", left="@dyed.cloth", right="@wide.cloth"),
    )

    assert found.problems[0].because[0] == "w is 4 from thin.cloth (thin.width = 4)"


def test_a_fact_inferred_from_another_fact_is_told_with_both(tmp_path: Path) -> None:
    found = checked(
        tmp_path,
        wide=step("Weave", width=8),
        folded=step("Fold", cloth="@wide.cloth"),
        sew=step("Sew", left="@folded.cloth", right="@wide.cloth"),
    )

    assert found.problems[0].because[0] == (
        "w is 4 from folded.cloth, where w is 8 from wide.cloth (wide.width = 8)"
    )


def test_what_a_node_finds_wrong_names_the_facts_it_looked_at(tmp_path: Path) -> None:
    found = checked(tmp_path, odd=step("Weave", width=5), fold=step("Fold", cloth="@odd.cloth"))

    assert sentences(found) == [
        "fold.cloth: cloth of width 5 cannot be folded evenly (because w is 5 from odd.cloth"
        " (odd.width = 5)); trim it, or use another cloth."
    ]
    assert (found.problems[0].code, found.problems[0].expected) == ("odd-width", "an even width")


def test_a_node_sees_the_facts_of_each_item_of_a_list(tmp_path: Path) -> None:
    found = checked(
        tmp_path,
        small=step("Weave", width=4),
        large=step("Weave", width=7),
        stack=step("Stack", pieces=["@small.cloth", "@large.cloth"]),
        fold=step("Fold", cloth="@stack.cloth"),
    )

    assert [problem.where for problem in found.problems] == ["fold.cloth"]
    assert found.problems[0].got == "width 7"


def test_a_fact_of_several_words_is_named_among_the_reasons(tmp_path: Path) -> None:
    found = checked(
        tmp_path,
        plain=step("Weave", width=4),
        other=step("Dye", cloth="@plain.cloth", recipe=recipe_in(tmp_path, "red stripes")),
        stack=step("Stack", pieces=["@plain.cloth", "@other.cloth"]),
    )

    assert found.problems[0].because == (
        "pattern is red stripes from other.cloth (Cloth of recipe.txt)",
    )


def test_a_warning_does_not_stop_a_run(tmp_path: Path) -> None:
    found = checked(tmp_path, a=step("Weave"), fold=step("Fold", cloth="@a.cloth", times=1))

    assert found.graph is not None
    assert found.warnings == found.problems
    assert [problem.code for problem in found.warnings] == ["faint"]


def test_problems_that_follow_from_one_are_counted_with_it(tmp_path: Path) -> None:
    found = checked(
        tmp_path,
        odd=step("Weave", width=5),
        even=step("Weave", width=4),
        fold=step("Fold", cloth="@odd.cloth"),
        first=step("Sew", left="@fold.cloth", right="@even.cloth"),
        second=step("Sew", left="@even.cloth", right="@fold.cloth"),
    )

    assert [problem.where for problem in found.problems] == ["fold.cloth"]
    assert (found.problems[0].hidden, found.hidden) == (2, 2)
    assert sentences(found)[0].endswith(". (2 later problems follow from this.)")


def test_two_problems_of_one_cause_are_one(tmp_path: Path) -> None:
    found = checked(
        tmp_path,
        thin=step("Weave", width=4),
        wide=step("Weave", width=6),
        one=step("Sew", left="@thin.cloth", right="@wide.cloth"),
        two=step("Sew", left="@thin.cloth", right="@wide.cloth"),
    )

    assert [(problem.where, problem.hidden) for problem in found.problems] == [("one.right", 1)]


def test_a_clash_does_not_hide_another_of_the_same_step(tmp_path: Path) -> None:
    found = checked(
        tmp_path,
        a=step("Weave", width=4),
        dots=step("Dye", cloth="@a.cloth", recipe=recipe_in(tmp_path, "dots", "dots.txt")),
        b=step("Weave", width=6),
        rows=step("Dye", cloth="@b.cloth", recipe=recipe_in(tmp_path, "rows", "rows.txt")),
        sew=step("Sew", left="@dots.cloth", right="@rows.cloth"),
    )

    assert [problem.got for problem in found.problems] == ["w 6", "pattern rows"]


def test_a_missing_input_is_mended_by_the_output_whose_facts_fit_the_others(
    tmp_path: Path,
) -> None:
    found = checked(
        tmp_path, thin=step("Weave", width=4), wide=step("Weave", width=6),
        twin=step("Weave", width=6), sew=step("Sew", left="@wide.cloth"),
        other=step("Sew", left="@thin.cloth", right="@thin.cloth"),
    )  # fmt: skip
    (problem,) = found.problems

    assert problem.fix == "link it to an output of type Cloth"  # wide and twin both fit

    found = checked(
        tmp_path, thin=step("Weave", width=4), wide=step("Weave", width=6),
        sew=step("Sew", left="@wide.cloth"),
    )  # fmt: skip

    assert found.problems[0].fix == 'link "wide.cloth"'


def test_no_fix_would_close_a_cycle(tmp_path: Path) -> None:
    found = checked(tmp_path, first=step("Trim"), second=step("Trim", cloth="@first.cloth"))

    assert found.problems[0].fix == "link it to an output of type Cloth"


def test_what_is_not_known_before_the_run_is_listed_as_deferred(tmp_path: Path) -> None:
    found = checked(
        tmp_path,
        n=step("Number", value=3),
        a=step("Weave", width="@n.int"),
        b=step("Weave"),
        sew=step("Sew", left="@a.cloth", right="@b.cloth"),
    )

    assert found.graph is not None
    assert {(item.port, item.fact) for item in found.deferred} == {
        ("left", "w"), ("left", "pattern"), ("right", "pattern"),
    }  # fmt: skip
    assert found.verdict("sew", "left") == "deferred"
    assert found.verdict("a", "width") == "ok"


def test_the_verdict_on_a_clash_is_an_error(tmp_path: Path) -> None:
    found = checked(
        tmp_path, a=step("Weave", width=4), b=step("Weave", width=6),
        sew=step("Sew", left="@a.cloth", right="@b.cloth"),
    )  # fmt: skip

    assert found.verdict("sew", "right") == "error"


def test_a_mistake_in_a_nodes_own_rule_is_told_and_ends_nothing(tmp_path: Path) -> None:
    found = checked(tmp_path, a=step("Broken"), b=step("Add", a="@a.int", b="x"))

    assert [problem.code for problem in found.problems] == ["infer-failed", "wrong-value"]
    assert "Broken could not be checked (KeyError: 'nothing here')" in sentences(found)[0]


def test_a_node_is_not_asked_about_inputs_that_are_unusable(tmp_path: Path) -> None:
    assert sentences(checked(tmp_path, model=step("Model", size="x"))) == [
        'model.size: expected a whole number, got "x"; use 4.'
    ]


def test_a_fact_is_a_whole_number_or_a_text(tmp_path: Path) -> None:
    assert (
        "half of int is 0.5, no whole number and no text"
        in sentences(checked(tmp_path, a=step("Halve")))[0]
    )


@pytest.mark.parametrize(
    ("number", "sentence"),
    [(1, "pick: an odd number decides nothing."), (13, "pick: KeyError: 'unlucky'.")],
)
def test_a_node_that_cannot_say_what_it_needs_is_refused(
    tmp_path: Path, number: int, sentence: str
) -> None:
    steps = {"n": step("Number"), "pick": step("Pick", number=number, a="@n.int")}

    assert sentences(checked(tmp_path, **steps)) == [sentence]


def test_an_output_of_any_type_needs_an_input_that_tells_its_type(tmp_path: Path) -> None:
    found = checked(tmp_path, yes=step("Truth"), pick=step("Switch", first="@yes.bool"),
                    after=step("Fold", cloth="@pick.value"))  # fmt: skip

    assert sentences(found) == [
        "pick.a: nothing is linked to a or b, so the type of value is not known; link an output."
    ]


@pytest.mark.parametrize(
    ("kind", "value"), [("Weave", Cloth), ("Say", Words), ("Number", int), ("Scale", float)]
)
def test_a_type_variable_takes_any_type_and_gives_it_on(
    tmp_path: Path, kind: str, value: type
) -> None:
    name = {"Weave": "cloth", "Say": "words"}.get(kind, value.__name__)
    made = step(kind, a=1.0) if kind == "Scale" else step(kind)
    found = checked(tmp_path, x=made, same=step("Same", a=f"@x.{name}", b=f"@x.{name}"))

    assert found.graph is not None
    assert found.graph.steps["same"].output_types == {"value": value}


def test_two_types_for_one_variable_are_refused_with_both_origins(tmp_path: Path) -> None:
    found = checked(
        tmp_path, n=step("Number"), c=step("Weave"), same=step("Same", a="@n.int", b="@c.cloth")
    )

    assert sentences(found) == [
        'same.b: expected int, got Cloth from "c.cloth" (because T is int from n.int; T is Cloth'
        ' from c.cloth); link "n.int".'
    ]


def test_a_whole_number_and_a_number_make_the_variable_a_number(tmp_path: Path) -> None:
    found = checked(
        tmp_path, n=step("Number"), x=step("Scale", a=1.5),
        same=step("Same", a="@n.int", b="@x.float"),
    )  # fmt: skip

    assert found.graph is not None
    assert found.graph.steps["same"].output_types == {"value": float}


def test_a_lazy_link_that_is_not_asked_for_is_not_part_of_the_graph(tmp_path: Path) -> None:
    steps = {"n": step("Number"), "c": step("Weave"),
             "pick": step("Switch", first=False, a="@n.int", b="@c.cloth")}  # fmt: skip
    found = checked(tmp_path, **steps)

    assert found.graph is not None
    assert set(found.graph.steps["pick"].links) == {"b"}
    assert found.graph.steps["pick"].output_types == {"value": Cloth}
    assert set(found.graph.needed_by(["pick"]).steps) == {"c", "pick"}


def test_a_lazy_link_that_is_asked_for_must_be_there(tmp_path: Path) -> None:
    found = checked(tmp_path, c=step("Weave"), pick=step("Switch", first=False, a="@c.cloth"))

    assert [(problem.code, problem.where) for problem in found.problems] == [
        ("missing-input", "pick.b")
    ]


def test_both_lazy_links_stay_when_the_choice_is_made_at_the_run(tmp_path: Path) -> None:
    found = checked(
        tmp_path,
        **{"yes": step("Truth"), "a": step("Weave"), "b": step("Weave", width=4)},
        pick=step("Switch", first="@yes.bool", a="@a.cloth", b="@b.cloth"),
        fold=step("Fold", cloth="@pick.value"),
    )

    assert found.graph is not None
    assert set(found.graph.steps["pick"].links) == {"first", "a", "b"}


def test_only_facts_that_both_branches_share_are_known_of_a_choice(tmp_path: Path) -> None:
    def with_widths(a: int, b: int) -> list[str]:
        found = checked(
            tmp_path, yes=step("Truth"), a=step("Weave", width=a), b=step("Weave", width=b),
            pick=step("Switch", first="@yes.bool", a="@a.cloth", b="@b.cloth"),
            fold=step("Fold", cloth="@pick.value"),
        )  # fmt: skip
        return [problem.where for problem in found.problems]

    assert with_widths(5, 5) == ["fold.cloth"]
    assert with_widths(5, 4) == []


def test_a_mistake_in_a_branch_that_is_not_needed_is_still_shown(tmp_path: Path) -> None:
    found = checked(
        tmp_path, bad=step("Weave", width=0), good=step("Weave"),
        pick=step("Switch", first=False, a="@bad.cloth", b="@good.cloth"),
    )  # fmt: skip

    assert [problem.where for problem in found.problems] == ["bad.width"]


def test_a_value_type_is_found_by_its_name() -> None:
    assert (REGISTRY.value_type("Cloth"), REGISTRY.value_type("int")) == (Cloth, int)
    with pytest.raises(StepError, match='no node uses a value of type "T"'):
        REGISTRY.value_type("T")
