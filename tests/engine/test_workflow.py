from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import WorkflowError
from engine.workflow import MAX_BYTES, dump, from_document, load, read_json
from tests.engine.workbench import document, step


def test_what_is_not_known_survives_load_and_save() -> None:
    written = {
        "$schema": "workflow.schema.json",
        **document(x={"type": "FromTheFuture", "version": 9, "inputs": {"a": [1, {"b": None}]},
                      "colour": "blue"}),
        "layout": {"nodes": {"x": [1.5, 2]}},
        "extensions": {"ünïcode": True},
    }  # fmt: skip
    text = json.dumps(written, indent=2, ensure_ascii=False) + "\n"

    assert dump(from_document(read_json(text.encode()))) == text


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "not valid JSON at line 1, column 1: Expecting value."),
        (b'{"a": 1,\n "b" 2}', "not valid JSON at line 2, column 6: Expecting ':' delimiter."),
        (b'{"a": NaN}', "not valid JSON: NaN is no JSON number."),
        (b'{"a": -Infinity}', "not valid JSON: -Infinity is no JSON number."),
        (b'{"a": 1e999}', "not valid JSON: the number 1e999 is too large."),
        (b'{"a": 1, "a": 2}', 'not valid JSON: the key "a" appears twice in one object.'),
        (b"[1]", "expected a JSON object, got [1]."),
        (b'"\xff"', "not UTF-8 text (byte 1); save it as UTF-8."),
        (b'{"a": "\\ud800"}', "broken text '\\ud800' (lone surrogate)."),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "nested deeper than 64 levels."),
        (b"[" * 100_000, "nested deeper than 64 levels."),
        (b" " * (MAX_BYTES + 1), "the file is larger than 20 MB."),
    ],
)  # fmt: skip
def test_bad_json_is_refused_with_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(WorkflowError) as caught:
        read_json(data)

    assert str(caught.value) == sentence


def test_a_number_with_too_many_digits_is_refused() -> None:
    with pytest.raises(WorkflowError, match="a number of 5000 digits is too large"):
        read_json(b'{"a": ' + b"1" * 5000 + b"}")


def test_a_byte_order_mark_is_no_fault() -> None:
    assert read_json(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


@given(st.binary(max_size=60))
def test_random_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        found = read_json(data)
    except WorkflowError:
        return

    assert isinstance(found, dict)


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ({}, '"format" must be "latentgraph/1", got nothing; is this a workflow file?'),
        ({"format": "other/2"},
         '"format" must be "latentgraph/1", got "other/2"; is this a workflow file?'),
        ({"format": "latentgraph/1"}, '"nodes" must be an object of steps by id.'),
        ({"format": "latentgraph/1", "nodes": []}, '"nodes" must be an object of steps by id.'),
    ],
)  # fmt: skip
def test_what_is_no_workflow_is_refused(written: dict[str, object], sentence: str) -> None:
    with pytest.raises(WorkflowError) as caught:
        from_document(written)

    assert str(caught.value) == sentence


def test_malformed_steps_are_collected_and_the_others_read() -> None:
    workflow = from_document(
        document(
            good=step("Number"),
            number=7,  # type: ignore[arg-type]
            typeless={},
            versioned={"type": "Number", "version": "1"},
            listed={"type": "Number", "inputs": []},
        )
    )

    assert "good" in workflow.steps
    assert [problem.step for problem in workflow.problems] == [
        "number", "typeless", "versioned", "listed",
    ]  # fmt: skip


def test_a_slip_in_a_key_of_a_step_is_told_and_a_foreign_key_is_not() -> None:
    slip: dict[str, object] = {"type": "Say", "version": 1, "input": {"text": "hi"}}
    mine: dict[str, object] = {"type": "Say", "version": 1, "inputs": {}, "color": "red"}
    workflow = from_document(document(slip=slip, mine=mine))
    (problem,) = workflow.problems

    assert problem.step == "slip"
    assert problem.message == '"input" is no key of a step'
    assert problem.fix == 'did you mean "inputs"?'


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(WorkflowError, match=r"nothing\.json does not exist"):
        load(tmp_path / "nothing.json")
    with pytest.raises(WorkflowError, match="is a folder"):
        load(tmp_path)
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(WorkflowError, match=r"bad\.json: not valid JSON at line 1, column 2"):
        load(tmp_path / "bad.json")


def test_changed_inputs_leave_the_original_as_it_was() -> None:
    workflow = from_document(document(a=step("Number", value=1)))
    changed = workflow.with_inputs({("a", "value"): 2})

    assert workflow.steps["a"].inputs == {"value": 1}
    assert changed.steps["a"].inputs == {"value": 2}


def test_many_keys_with_one_twice_are_refused_at_once() -> None:
    keys = ", ".join(f'"k{i}": 0' for i in range(60_000))
    started = time.perf_counter()
    with pytest.raises(WorkflowError, match='the key "k59999" appears twice'):
        read_json(f'{{{keys}, "k59999": 0}}'.encode())

    assert time.perf_counter() - started < 5
