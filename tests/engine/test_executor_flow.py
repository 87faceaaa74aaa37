"""What is computed at all: lazy branches, cutoff, evicted and restless results, limits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.events import StepDone, StepStarted, Warned
from engine.history import History
from tests.engine.workbench import Workbench, document, in_state, step


def branches(value: Any, log: str) -> dict[str, Any]:
    """A graph in which a number decides which of two branches is computed."""
    return document(
        number=step("Number", value=value),
        warm=step("Log", a=1, file=log),
        cold=step("Log", a=2, file=log),
        choice=step("IfPositive", value="@number.int", yes="@warm.int", no="@cold.int"),
        show=step("Show", number="@choice.value"),
    )


@pytest.mark.parametrize(("value", "line", "result"), [(1, "1\n", "2"), (-1, "2\n", "3")])
def test_only_the_branch_that_is_asked_for_runs(
    bench: Workbench, tmp_path: Path, value: int, line: str, result: str
) -> None:
    log = tmp_path / "log"
    outcome = bench.run(branches(value, str(log)))

    assert outcome.status == "done"
    assert log.read_text() == line
    assert bench.files() == {"number_00001.txt": result}
    assert not {"warm", "cold"} <= set(outcome.states)


def test_a_branch_chosen_by_a_literal_is_decided_before_the_run(
    bench: Workbench, tmp_path: Path
) -> None:
    written = branches(1, str(tmp_path / "log"))
    written["nodes"]["choice"]["inputs"]["value"] = 5

    assert bench.states(written)["cold"] == "unused"


def test_the_branch_not_taken_does_not_change_the_key(bench: Workbench, tmp_path: Path) -> None:
    written = branches(1, str(tmp_path / "log"))
    bench.run(written)
    written["nodes"]["cold"]["inputs"]["a"] = 77

    assert bench.computed(written) == set()


def test_a_failure_in_the_branch_not_taken_harms_nobody(bench: Workbench, tmp_path: Path) -> None:
    written = branches(1, str(tmp_path / "log"))
    written["nodes"]["cold"] = step("Fail", a=1)

    assert bench.run(written).status == "done"


def test_a_failure_in_the_branch_taken_skips_the_choice(bench: Workbench, tmp_path: Path) -> None:
    written = branches(-1, str(tmp_path / "log"))
    written["nodes"]["cold"] = step("Fail", a=1)
    outcome = bench.run(written)

    assert in_state(outcome, "skipped") == {"choice", "show"}
    assert "warm" not in outcome.states


def test_the_plan_knows_the_branch_once_its_condition_is_cached(
    bench: Workbench, tmp_path: Path
) -> None:
    written = branches(1, str(tmp_path / "log"))
    bench.run(written)
    written["nodes"]["warm"]["inputs"]["a"] = 5
    states = bench.states(written)

    assert (states["warm"], states["cold"]) == ("run", "unused")


def long_texts(tail: int) -> dict[str, Any]:
    """Texts too long to travel in their record."""
    return document(
        seed=step("Say", text="hi"),
        say=step("Stretch", parts=["@seed.words"], name="say", trace="/dev/null", milliseconds=0),
        both=step("Join", parts=["@say.words", "@say.words"]),
        save=step("Save", words="@both.words", name=f"n{tail}"),
    )


def test_a_lost_content_that_nobody_reads_is_not_made_again(bench: Workbench) -> None:
    bench.run(long_texts(1))
    for path in bench.contents():
        path.unlink()

    assert bench.fresh().computed(long_texts(1)) == set()


def test_a_lost_content_is_made_again_for_the_step_that_reads_it(bench: Workbench) -> None:
    bench.run(long_texts(1))
    for path in bench.contents():
        path.unlink()
    again = bench.fresh()

    assert again.computed(long_texts(2)) == {"say", "both", "save"}
    assert again.files()["n1_00001.txt"] == again.files()["n2_00001.txt"]


def test_contents_lost_during_the_run_are_made_again(bench: Workbench) -> None:
    bench.run(long_texts(1))
    again = bench.fresh()
    plan = again.plan(long_texts(2))
    for path in bench.contents():
        path.write_bytes(b"damaged")
    outcome = again.execute(plan)

    assert outcome.status == "done"
    assert again.files()["n1_00001.txt"] == again.files()["n2_00001.txt"]


def restless(tmp_path: Path, size: int) -> dict[str, Any]:
    """A step that gives another text each time, and two steps that read it."""
    return document(
        text=step("Restless", count=str(tmp_path / "count")),
        whole=step("Head", text="@text.str", size=1200),
        head=step("Head", text="@text.str", size=size),
    )


def test_a_result_that_differs_when_made_again_is_never_mixed_with_the_old_one(
    bench: Workbench, tmp_path: Path
) -> None:
    bench.run(restless(tmp_path, 1100))
    for path in bench.contents():
        path.unlink()
    again = bench.fresh()
    outcome = again.run(restless(tmp_path, 1101))
    record = {event.step: event for event in again.of(StepDone)}

    assert outcome.status == "done"
    assert {"text", "whole", "head"} <= set(record)
    assert in_state(outcome, "computed") == {"text", "whole", "head"}
    assert "gave another result than before" in again.of(Warned)[0].message


def test_a_volatile_step_runs_every_time_and_its_children_only_when_it_differs(
    bench: Workbench, tmp_path: Path
) -> None:
    written = document(
        hour=step("Hour", log=str(tmp_path / "log")), add=step("Add", a="@hour.int", b=1)
    )
    bench.run(written)

    assert bench.fresh().computed(written) == {"hour"}
    assert (tmp_path / "log").read_text() == "hour\nhour\n"


def test_the_same_effect_asked_for_twice_happens_twice(bench: Workbench) -> None:
    written = document(
        say=step("Say", text="hi"),
        one=step("Save", words="@say.words"),
        two=step("Save", words="@say.words"),
    )
    bench.run(written)

    assert len(bench.files()) == 2
    assert bench.fresh().computed(written) == set()


def test_each_output_folder_keeps_its_own_results(bench: Workbench, tmp_path: Path) -> None:
    written = document(say=step("Say", text="hi"), save=step("Save", words="@say.words"))
    elsewhere = Workbench(bench.folder, place="elsewhere")
    bench.run(written)

    assert elsewhere.computed(written) == {"save"}
    assert bench.fresh().computed(written) == set()


@pytest.mark.parametrize(("shovels", "most"), [(1, 1), (3, 3)])
def test_a_named_limit_bounds_how_many_run_at_once(
    bench: Workbench, tmp_path: Path, shovels: int, most: int
) -> None:
    log = tmp_path / "log"
    written = document(**{f"d{n}": step("Dig", a=n, log=str(log)) for n in range(6)})
    bench.execute(bench.plan(written), limits={"shovel": shovels})
    spans = [tuple(map(float, line.split())) for line in log.read_text().splitlines()]
    at_once = max(sum(b <= begin < e for b, e in spans) for begin, _ in spans)

    assert at_once <= most
    assert (at_once > 1) == (shovels > 1)


def test_the_longest_way_to_the_end_is_begun_first(bench: Workbench) -> None:
    written = document(
        short=step("Wait", a=1, seconds=0.01),
        long=step("Wait", a=2, seconds=0.05),
        after=step("Wait", a="@long.int", seconds=0.05),
    )
    history = History(bench.store, "w.json")
    bench.execute(bench.plan(written, history=history), history=history)
    anew = Workbench(bench.folder, reading=False)
    anew.execute(anew.plan(written, history=history))

    assert [event.step for event in anew.of(StepStarted)][:2] == ["long", "after"]


def test_a_chain_far_longer_than_the_recursion_limit_runs(bench: Workbench) -> None:
    steps = {"s0": step("Number", value=0)}
    for index in range(1, 3000):
        steps[f"s{index}"] = step("Add", a=f"@s{index - 1}.int", b=1)
    written = document(**steps)

    assert bench.run(written).count("computed") == 3000
    assert bench.fresh().run(written).count("cached") == 3000
