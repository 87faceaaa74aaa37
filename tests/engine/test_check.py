from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.check import check
from engine.errors import WorkflowError
from engine.files import Files
from engine.workflow import from_document
from tests.engine.workbench import REGISTRY, Workbench, document, step


def test_a_good_workflow_has_no_problems_and_a_graph_in_topological_order(bench: Workbench) -> None:
    graph = bench.graph(document(b=step("Add", a="@a.int"), a=step("Number", value=1)))

    assert list(graph.steps) == ["a", "b"]
    assert graph.steps["b"].settings == {"b": 0}


def test_all_problems_are_reported_at_once(bench: Workbench) -> None:
    written = document(
        a=step("Numbr"),
        b=step("Add", b="x", c=1),
        c=step("Scale", a="@b.int", factor=11),
        d=step("Join", parts=["@b.int"]),
        e=step("Add", a="@nowhere.int"),
    )

    assert sorted(bench.codes(written)) == [
        "missing-input", "unknown-input", "unknown-step", "unknown-type",
        "wrong-type", "wrong-value", "wrong-value",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        (step("Numbr"), 'x: there is no node type "Numbr"; did you mean "Number"?'),
        (step("Add"), "x.a: this required input of Add is missing; give it a value."),
        (step("Save"), "x.words: this required input of Save is missing; "
                       "link it to an output of type Words."),
        (step("Say", tex=""), 'x.tex: Say has no such input; did you mean "text"?'),
        (step("Number", value="4"), 'x.value: expected a whole number, got "4"; use 4.'),
        (step("Number", value=True), "x.value: expected a whole number, got true; use 0."),
        (step("Number", value=1.5), "x.value: expected a whole number, got 1.5; use 2."),
        (step("Number", value=None), "x.value: expected a whole number, got null; use 0."),
        (step("Scale", a=1, factor=-0.5), "x.factor: -0.5 is below the minimum 0; use 0."),
        (step("Scale", a=1, factor=11), "x.factor: 11 is above the maximum 10; use 10."),
        (step("Say", tone="lout"),
         'x.tone: "lout" is not one of the choices; did you mean "loud"?'),
        (step("Say", voice="tenor"),
         'x.voice: "tenor" is not one of the choices; known: alto, bass.'),
        (step("Say", text="a" * 101),
         "x.text: the text has 101 characters, at most 100 are allowed."),
        (step("Say", tone=7), "x.tone: expected a text, got 7; use \"soft\"."),
        (step("Roll", seed=-1), "x.seed: -1 is below the minimum 0; use 0."),
        (step("Roll", seed=2**53), "x.seed: 9007199254740992 is above the maximum"
                                   " 9007199254740991; use 9007199254740991."),
        (step("Save", words="me"), 'x.words: expected a link to Words, got "me"; '
                                   'write {"link": "step.output"}.'),
        (step("Add", a={"link": "nodot"}), 'x.a: {"link": "nodot"} is no link; '
                                           'write {"link": "step.output"}.'),
        (step("Join", parts=[]), "x.parts: the list is empty; link at least one output."),
        (step("Join", parts="@y.words"), "x.parts: expected a list of links to Words, got"
         ' {"link": "y.words"}; write [{"link": "step.output"}, ...].'),
        (step("Join", parts=["@y.int"]), 'x.parts: expected Words, got int from "y.int"; '
                                         "link an output of type Words."),
        (step("Add", a="@y.low"),
         'x.a: links to "y.low": Number has no such output; link "y.int".'),
        (step("Add", a="@z.int"), 'x.a: links to "z.int": no such step; link "y.int".'),
        (step("ReadFile", file="@y.int"), "x.file: a file cannot be linked; name a file."),
        ({"type": "Number", "version": 2},
         "x: made for Number version 2, this is version 1; update Latentgraph."),
        (step("Model", size=3), "x: size is 3 but must be even; use 4."),
    ],
)  # fmt: skip
def test_a_problem_says_where_what_and_what_to_do(
    bench: Workbench, written: dict[str, object], sentence: str
) -> None:
    assert bench.sentences(document(x=written, y=step("Number"))) == sentence


def test_an_int_may_go_where_a_float_is_wanted_and_not_the_other_way(bench: Workbench) -> None:
    numbers = {"n": step("Number"), "x": step("Scale", a=1.5)}

    assert bench.codes(document(**numbers, ok=step("Scale", a="@n.int"))) == []
    assert bench.codes(document(**numbers, no=step("Add", a="@x.float"))) == ["wrong-type"]


def test_a_wrong_type_suggests_another_output_of_the_same_step(bench: Workbench) -> None:
    written = document(m=step("Model"), p=step("Add", a="@m.words"))

    assert "link an output of type int" in bench.sentences(written)


def test_a_number_too_large_for_any_float_is_refused_where_there_are_no_bounds(
    bench: Workbench,
) -> None:
    written = document(scale=step("Scale", a=10**400))

    assert "scale.a: expected a finite number, got 1000" in bench.sentences(written)


@pytest.mark.parametrize("name", ["", "../x", "/x", "a/b/c", "con"])
def test_a_name_that_cannot_name_a_result_file_is_refused_before_the_run(
    bench: Workbench, name: str
) -> None:
    written = document(say=step("Say"), save=step("Save", words="@say.words", name=name))

    assert f'save.name: "{name}" cannot name a result file; use letters' in bench.sentences(written)


def test_a_cycle_is_spelled_out(bench: Workbench) -> None:
    written = document(
        a=step("Add", a="@c.int"), b=step("Add", a="@a.int"), c=step("Add", a="@b.int")
    )

    assert bench.sentences(written) == (
        "a: these steps wait for each other: a -> b -> c -> a; remove one of these links."
    )


def test_a_step_that_waits_for_itself_is_a_cycle(bench: Workbench) -> None:
    assert "a -> a" in bench.sentences(document(a=step("Add", a="@a.int")))


def test_facts_of_one_step_must_agree_and_both_origins_are_named(bench: Workbench) -> None:
    written = document(
        four=step("Model", size=4),
        eight=step("Model", size=8),
        pair=step("Pair", left="@four.words", right="@eight.words"),
    )

    assert bench.sentences(written) == (
        "pair.right: c is 8, expected 4 (because c is 4 from four.words (four.size = 4); "
        'c is 8 from eight.words (eight.size = 8)); link "four.words".'
    )


def test_facts_flow_through_a_step_to_its_outputs(bench: Workbench) -> None:
    def written(size: int) -> dict[str, object]:
        return document(
            model=step("Model", size=size),
            pair=step("Pair", left="@model.words", right="@model.words"),
            four=step("Four", words="@pair.words"),
        )

    assert bench.codes(written(4)) == []
    assert bench.codes(written(8)) == ["facts-clash"]


def test_an_unknown_fact_is_left_to_the_run(bench: Workbench) -> None:
    written = document(say=step("Say"), four=step("Four", words="@say.words"))

    assert bench.codes(written) == []


def test_a_link_to_an_output_that_will_not_be_there_says_why(bench: Workbench) -> None:
    written = document(model=step("Model"), four=step("Four", words="@model.rest"))

    assert bench.sentences(written) == (
        'four.words: there is no "model.rest": toys come without a rest; link "model.words".'
    )


def test_what_follows_from_a_problem_is_not_reported(bench: Workbench) -> None:
    written = document(
        odd=step("Model", size=3),
        pair=step("Pair", left="@odd.words", right="@odd.words"),
        four=step("Four", words="@pair.words"),
        lost=step("Nothing"),
        after=step("Add", a="@lost.whatever"),
    )

    assert sorted(bench.codes(written)) == ["refused", "unknown-type"]


def test_a_parameter_must_point_to_an_input(bench: Workbench) -> None:
    written = {
        **document(say=step("Say")),
        "parameters": {"ok": "say.text", "a": "say.txt", "b": "sya.text", "c": "text"},
    }

    assert bench.codes(written) == ["malformed-parameters", "lost-parameter", "lost-parameter"]
    assert 'did you mean "text"?' in bench.sentences(written)


def test_an_empty_workflow_is_a_problem(bench: Workbench) -> None:
    assert bench.codes(document()) == ["empty"]


def test_a_file_is_found_beside_the_workflow(bench: Workbench, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("hi")
    graph = bench.graph(document(read=step("ReadFile", file="in/a.txt")))

    assert graph.steps["read"].settings["file"].sha256 == hashlib.sha256(b"hi").hexdigest()


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("b.txt", "file-missing"),
        ("../a.txt", "file-outside"),
        ("/etc/hosts.txt", "file-outside"),
        ("C:\\a.txt", "file-outside"),
        ("..\\a.txt", "file-outside"),
        ("~/a.txt", "file-outside"),
        ("out/a.txt", "file-outside"),
        ("a\x00.txt", "file-outside"),
        ("a.png", "file-kind"),
        ("empty.txt", "file-unfit"),
        ("folder.txt", "file-unreadable"),
        ("a" * 5000 + ".txt", "file-unreadable"),
        (7, "wrong-value"),
        ({"name": "a.txt", "sha256": "xyz"}, "wrong-value"),
        ({"nam": "a.txt"}, "wrong-value"),
        ({"name": "a.txt", "sha256": "0" * 64}, "file-changed"),
        ({"name": "gone.txt", "sha256": "0" * 64}, "file-missing"),
    ],
)
def test_a_file_that_cannot_be_used_is_a_problem(
    bench: Workbench, tmp_path: Path, file: object, code: str
) -> None:
    (tmp_path / "a.txt").write_text("hi")
    (tmp_path / "empty.txt").touch()
    (tmp_path / "folder.txt").mkdir()
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    (outside / "a.txt").write_text("secret")
    (tmp_path / "out").symlink_to(outside)

    assert bench.codes(document(read=step("ReadFile", file=file))) == [code]


def test_a_file_name_may_hold_the_spaces_of_a_screenshot(bench: Workbench, tmp_path: Path) -> None:
    name = "Screenshot 3.04\u202fPM.txt"
    (tmp_path / name).write_text("hi")

    assert bench.codes(document(read=step("ReadFile", file=name))) == []


def test_a_renamed_file_is_found_by_its_digest(bench: Workbench, tmp_path: Path) -> None:
    (tmp_path / "new name.txt").write_text("hi")
    file = {"name": "old name.txt", "sha256": hashlib.sha256(b"hi").hexdigest()}
    graph = bench.graph(document(read=step("ReadFile", file=file)))

    assert graph.steps["read"].settings["file"].path == tmp_path / "new name.txt"


def test_a_file_that_changes_gets_another_digest(bench: Workbench, tmp_path: Path) -> None:
    written = document(read=step("ReadFile", file="a.txt"))
    (tmp_path / "a.txt").write_text("one")
    one = bench.graph(written).steps["read"].settings["file"].sha256
    (tmp_path / "a.txt").write_text("two")

    assert bench.graph(written).steps["read"].settings["file"].sha256 != one


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["a.int", "a", "Add", "Say", "Join", "ReadFile", "Model"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["a", "b", "link", "type", "inputs", "version", "parts", "text", "file",
                         "name", "sha256", "size", "words", "factor"]) | st.text(max_size=4),
        inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
fuzzed_steps = st.fixed_dictionaries(
    {"type": st.sampled_from(["Add", "Say", "Join", "ReadFile", "Model", "Pair", "Scale", "x"])},
    optional={"inputs": json_values, "version": json_values},
)
fuzzed = st.fixed_dictionaries(
    {"format": st.just("latentgraph/1"),
     "nodes": json_values
     | st.dictionaries(st.sampled_from(["a", "b", "c", "", "a.b"]), fuzzed_steps | json_values)},
    optional={"parameters": json_values, "meta": json_values},
)  # fmt: skip


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(fuzzed)
def test_no_document_makes_the_check_raise(written: dict[str, object]) -> None:
    files = Files({"inputs": [Path("/nonexistent")], "models": []}, lambda path: "0" * 64)
    try:
        checked = check(from_document(written), REGISTRY, files)
    except WorkflowError:
        return

    assert (checked.graph is None) == bool(checked.problems)
    assert all(problem.sentence() for problem in checked.problems)
