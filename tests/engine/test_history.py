from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.contract import Settings
from engine.events import StepStarted
from engine.history import History, Late, LateHistory, write_late
from engine.plan import Plan
from tests.engine.workbench import Workbench, document, raised, step

Written = dict[str, Any]


def plan_and_run(bench: Workbench, now: Written, numerics: str = "float32") -> Plan:
    """Plan with the history of one workflow, then run and note it."""
    history = History(bench.store, "w.json")
    plan = bench.plan(now, numerics, history)
    bench.execute(plan, history=history)
    return plan


def reasons(bench: Workbench, now: Written, numerics: str = "float32") -> dict[str, str]:
    plan = plan_and_run(bench, now, numerics)
    return {name: entry.reason for name, entry in plan.entries.items()}


def expected(bench: Workbench, now: Written) -> dict[str, float | None]:
    plan = bench.plan(now, history=History(bench.store, "w.json"))
    return {name: entry.expected for name, entry in plan.entries.items()}


def say(**inputs: Any) -> Written:
    return document(say=step("Say", **inputs))


def sums(**add: Any) -> Written:
    return document(n=step("Number", value=2), m=step("Number", value=3), add=step("Add", **add))


def test_what_never_ran_says_so(bench: Workbench) -> None:
    assert reasons(bench, say())["say"] == "not computed before with these inputs"


LONG = "a castle of glass on a hill, " * 3


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"text": "bye"}, 'text was "hi", is "bye"'),
        ({"text": "hi", "tone": "loud"}, 'tone was "soft", is "loud"'),
        ({"text": "bye", "twice": True}, 'text was "hi", is "bye"; twice was false, is true'),
    ],
)
def test_a_changed_setting_is_named_with_both_values(
    bench: Workbench, change: Written, reason: str
) -> None:
    reasons(bench, say(text="hi"))

    assert reasons(bench, say(**change))["say"] == reason


def test_of_a_long_text_the_part_that_changed_is_shown(bench: Workbench) -> None:
    reasons(bench, say(text=LONG + "at noon"))
    reason = reasons(bench, say(text=LONG + "at night"))["say"]

    assert "at noon" in reason
    assert "at night" in reason
    assert len(reason) < 150


def test_inputs_of_another_node_are_not_compared(bench: Workbench) -> None:
    reasons(bench, document(a=step("Number", value=1)))

    assert reasons(bench, document(a=step("Roll", seed=2)))["a"] == "node Number -> Roll"


def test_a_changed_value_and_changed_numerics_are_named(bench: Workbench) -> None:
    reasons(bench, document(n=step("Number", value=1), add=step("Add", a="@n.int")))
    bench.run(document(n=step("Number", value=2)))
    now = document(n=step("Number", value=2), add=step("Add", a="@n.int"))

    assert reasons(bench, now)["add"] == "a brings another value"
    assert reasons(bench, now, "bfloat16")["n"] == "numerics float32 -> bfloat16"


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ({"a": "@n.int"}, {"a": "@m.int"}, "a was linked to n.int, is linked to m.int"),
        ({"a": 7}, {"a": "@m.int"}, "a was 7, is linked to m.int"),
        ({"a": "@n.int"}, {"a": 7}, "a was linked to n.int, is 7"),
    ],
)
def test_an_input_that_is_linked_elsewhere_says_where_from_and_where_to(
    bench: Workbench, before: Written, after: Written, reason: str
) -> None:
    reasons(bench, sums(**before))

    assert reasons(bench, sums(**after))["add"] == reason


def test_a_link_to_an_equal_value_is_no_reason(bench: Workbench) -> None:
    reasons(bench, sums(a="@n.int"))
    now = document(k=step("Number", value=2), add=step("Add", a="@k.int"))

    assert reasons(bench, now)["add"] == "its result is in the store"


def test_an_optional_link_that_was_removed_is_named(bench: Workbench) -> None:
    words = {"x": step("Say", text="x"), "y": step("Say", text="y")}
    reasons(bench, document(**words, j=step("Join", parts=["@x.words"], end="@y.words")))
    now = document(**words, j=step("Join", parts=["@x.words"]))

    assert reasons(bench, now)["j"] == "end was linked to y.words, is not linked"


def test_the_order_of_a_list_is_named(bench: Workbench) -> None:
    words = {"x": step("Say", text="x"), "y": step("Say", text="y")}
    reasons(bench, document(**words, j=step("Join", parts=["@x.words", "@y.words"])))
    now = document(**words, j=step("Join", parts=["@y.words", "@x.words"]))

    assert reasons(bench, now)["j"] == (
        "parts was linked to x.words, y.words, is linked to y.words, x.words"
    )


def test_a_changed_file_is_named(bench: Workbench, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one")
    (tmp_path / "b.txt").write_text("three")
    reasons(bench, document(read=step("ReadFile", file="a.txt")))
    (tmp_path / "a.txt").write_text("two")
    changed = reasons(bench, document(read=step("ReadFile", file="a.txt")))
    other = reasons(bench, document(read=step("ReadFile", file="b.txt")))

    assert changed["read"] == 'the file of file changed ("a.txt")'
    assert other["read"] == 'file was "a.txt", is "b.txt"'


def test_a_raised_version_is_named(bench: Workbench) -> None:
    reasons(bench, say(text="hi"))
    bench.registry = raised("Say")

    assert reasons(bench, say(text="hi"))["say"] == "version 1 -> 2"


def test_an_effect_in_another_folder_is_named(bench: Workbench) -> None:
    now = document(say=step("Say"), save=step("Save", words="@say.words"))
    reasons(bench, now)
    before, bench.place = bench.output, "elsewhere"

    assert reasons(bench, now)["save"] == f"output folder {before} -> {bench.output}"


def test_what_runs_every_time_says_so(bench: Workbench) -> None:
    now = document(clock=step("Clock"))
    reasons(bench, now)

    assert reasons(bench, now)["clock"] == "runs every time (volatile)"


def test_what_is_not_read_or_gone_or_damaged_says_so(bench: Workbench) -> None:
    now = document(say=step("Say"), save=step("Save", words="@say.words"))
    reasons(bench, now)
    (bench.output / "words_00001.txt").unlink()
    damaged = reasons(bench, now)
    unread = reasons(Workbench(bench.folder, reading=False), now)

    assert damaged["save"] == f"{bench.output / 'words_00001.txt'} is missing or was changed"
    assert unread["say"] == "the cache is not read in this run"


def test_the_branch_a_step_no_longer_asks_for_is_no_reason_to_fail(bench: Workbench) -> None:
    def branches(value: int) -> Written:
        return document(
            number=step("Number", value=value),
            warm=step("Number", value=1),
            cold=step("Number", value=2),
            choice=step("IfPositive", value="@number.int", yes="@warm.int", no="@cold.int"),
        )

    reasons(bench, branches(1))
    bench.run(document(number=step("Number", value=-1), cold=step("Number", value=2)))

    assert reasons(bench, branches(-1))["choice"].startswith("value brings another value")


def test_workflows_have_histories_of_their_own(bench: Workbench) -> None:
    reasons(bench, say(text="hi"))
    plan = bench.plan(say(text="bye"), history=History(bench.store, "v.json"))

    assert plan.entries["say"].reason == "not computed before with these inputs"


def test_a_note_of_an_older_version_is_no_note(bench: Workbench) -> None:
    plan = plan_and_run(bench, say(text="hi"))
    for note in (bench.store.folder / "last").iterdir():
        note.write_text(plan.entries["say"].key or "")

    assert reasons(bench, say(text="bye"))["say"] == "not computed before with these inputs"


def test_a_note_that_foresees_nonsense_is_no_note(bench: Workbench) -> None:
    plan_and_run(bench, say(text="hi"))
    for note in (bench.store.folder / "last").iterdir():
        note.write_text(json.dumps({**json.loads(note.read_text()), "foreseen": "soon"}))

    assert reasons(bench, say(text="bye"))["say"] == "not computed before with these inputs"


def waits(a: int) -> Written:
    return document(w=step("Wait", a=a, seconds=0.05), after=step("Add", a="@w.int"))


def test_a_step_is_expected_to_take_what_it_took_last_time(bench: Workbench) -> None:
    plan_and_run(bench, waits(1))
    changed = expected(bench, waits(2))
    forced = expected(Workbench(bench.folder, reading=False), waits(1))

    assert 0.05 <= (changed["w"] or 0) < 1
    assert changed["after"] is not None
    assert changed["after"] < 0.05
    assert forced["w"] == changed["w"]


def test_what_a_step_foresees_counts_until_it_has_run_and_then_only_how_it_grows(
    bench: Workbench,
) -> None:
    forced = Workbench(bench.folder, reading=False)

    def foreseen(count: int) -> float:
        return expected(forced, document(f=step("Foresee", count=count)))["f"] or 0

    never_run = foreseen(3)
    plan_and_run(bench, document(f=step("Foresee", count=1)))
    bench.store.settle()
    once, four_times = foreseen(1), foreseen(4)
    other = expected(bench, document(g=step("Foresee", count=2)))["g"]

    assert never_run == 300
    assert 0.05 <= once < 1
    assert four_times == pytest.approx(4 * once)
    assert other == 200


def test_a_new_step_is_expected_to_take_what_its_kind_takes(bench: Workbench) -> None:
    nothing = expected(bench, waits(1))
    plan_and_run(bench, waits(1))
    bench.store.settle()
    new = document(other=step("Wait", a=2), number=step("Number", value=1))

    assert nothing == {"w": None, "after": None}
    assert 0.05 <= (expected(bench, new)["other"] or 0) < 1
    assert expected(bench, new)["number"] is None


def test_another_node_under_an_old_id_is_not_expected_to_take_as_long(bench: Workbench) -> None:
    plan_and_run(bench, document(w=step("Wait", a=1, seconds=0.05)))

    assert expected(bench, document(w=step("Number", value=1))) == {"w": None}


def test_events_tell_the_reason_and_the_expected_seconds(bench: Workbench) -> None:
    plan_and_run(bench, document(w=step("Wait", a=1, seconds=0.02)))
    plan_and_run(bench, document(w=step("Wait", a=2, seconds=0.02)))
    (started,) = [event for event in bench.of(StepStarted) if event.expected is not None]

    assert started.reason == "a was 1, is 2"
    assert started.expected >= 0.02


def test_a_late_history_explains_at_once_and_is_written_when_there_is_time(
    bench: Workbench,
) -> None:
    unwritten: Late = {}
    late = LateHistory(bench.store, "w.json", unwritten)
    bench.execute(bench.plan(say(text="hi"), history=late), history=late)
    another = LateHistory(bench.store, "w.json", unwritten)
    at_once = bench.plan(say(text="bye"), history=another)
    before = bench.plan(say(text="bye"), history=History(bench.store, "w.json"))
    write_late(unwritten, bench.store, Settings())
    after = bench.plan(say(text="bye"), history=History(bench.store, "w.json"))

    assert at_once.entries["say"].reason == 'text was "hi", is "bye"'
    assert before.entries["say"].reason == "not computed before with these inputs"
    assert after.entries["say"].reason == 'text was "hi", is "bye"'
    assert not unwritten
