from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.history import History
from engine.plan import make_plan
from tests.engine.workbench import Workbench, document, step


def written(**say: Any) -> dict[str, Any]:
    return document(
        say=step("Say", **say), join=step("Join", parts=["@say.words"]), other=step("Number")
    )


def reasons(bench: Workbench, now: dict[str, Any], numerics: str = "float32") -> dict[str, str]:
    history = History(bench.store, "w.json")
    plan = make_plan(bench.graph(now), bench.cache(), numerics, history)
    found = {name: entry.reason for name, entry in plan.entries.items()}
    bench.execute(plan, history=history)
    return found


def test_what_never_ran_says_so(bench: Workbench) -> None:
    assert reasons(bench, written())["say"] == "not computed before with these inputs"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"text": "bye"}, 'text was "hi", is "bye"'),
        ({"text": "hi", "tone": "loud"}, 'tone was "soft", is "loud"'),
        ({"text": "bye", "twice": True}, 'text was "hi", is "bye"; twice was false, is true'),
    ],
)
def test_a_changed_setting_is_named_with_both_values(
    bench: Workbench, change: dict[str, Any], reason: str
) -> None:
    reasons(bench, written(text="hi"))

    assert reasons(bench, written(**change))["say"] == reason


def test_settings_of_another_node_are_not_compared(bench: Workbench) -> None:
    reasons(bench, document(a=step("Number", value=1)))

    assert reasons(bench, document(a=step("Roll", seed=2)))["a"] == "op was Number, is Roll"


def test_a_changed_input_and_changed_numerics_are_named(bench: Workbench) -> None:
    reasons(bench, document(n=step("Number", value=1), add=step("Add", a="@n.int")))
    bench.run(document(n=step("Number", value=2)))
    now = document(n=step("Number", value=2), add=step("Add", a="@n.int"))

    assert reasons(bench, now)["add"] == "a brings another value"
    assert reasons(bench, now, "bfloat16")["n"] == "numerics was float32, is bfloat16"


def test_a_changed_file_is_named(bench: Workbench, tmp_path: Path) -> None:
    now = document(read=step("ReadFile", file="a.txt"))
    (tmp_path / "a.txt").write_text("one")
    reasons(bench, now)
    (tmp_path / "a.txt").write_text("two")

    assert reasons(bench, now)["read"] == "the file of file changed"


def test_workflows_have_histories_of_their_own(bench: Workbench) -> None:
    reasons(bench, written(text="hi"))
    plan = make_plan(
        bench.graph(written(text="bye")), bench.cache(), "float32", History(bench.store, "v.json")
    )

    assert plan.entries["say"].reason == "not computed before with these inputs"
