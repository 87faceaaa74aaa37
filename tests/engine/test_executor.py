from __future__ import annotations

import math
import threading
import time
from pathlib import Path

import pytest

from engine.events import StepDone, StepFailed, StepProgress, StepSkipped, StepStarted
from engine.executor import Run
from engine.node import Settings
from tests.engine.workbench import Workbench, document, in_state, step


def test_a_run_computes_each_step_once_and_saves_the_result(bench: Workbench) -> None:
    outcome = bench.run(
        document(
            say=step("Say", text="hi"),
            both=step("Join", parts=["@say.words", "@say.words"]),
            save=step("Save", words="@both.words"),
        )
    )

    assert outcome.status == "done"
    assert [event.step for event in bench.of(StepStarted)] == ["say", "both", "save"]
    assert bench.files() == {"words_00001.txt": "alto: hi alto: hi"}


def test_events_count_up_from_one(bench: Workbench) -> None:
    bench.run(document(one=step("Number", value=1)))

    assert [event.seq for event in bench.events] == [1, 2, 3, 4]


def test_a_step_starts_when_its_last_parent_is_done(bench: Workbench) -> None:
    written = document(
        slow=step("Wait", a=1, seconds=0.3),
        fast=step("Number", value=2),
        after_fast=step("Add", a="@fast.int", b=1),
        after_both=step("Add", a="@slow.int", b="@after_fast.int"),
    )
    bench.run(written, workers=2)
    order = [event.step for event in bench.of(StepDone)]

    assert order.index("after_fast") < order.index("slow") < order.index("after_both")


def test_only_what_the_effects_need_is_run(bench: Workbench) -> None:
    written = document(
        used=step("Number", value=1),
        unused=step("Number", value=2),
        show=step("Show", number="@used.int"),
    )

    assert bench.computed(written) == {"used", "show"}
    assert bench.states(written)["unused"] == "unused"


def test_equal_steps_run_once(bench: Workbench, tmp_path: Path) -> None:
    log = str(tmp_path / "log")
    outcome = bench.run(
        document(
            first=step("Log", a=1, file=log),
            second=step("Log", a=1, file=log),
            total=step("Add", a="@first.int", b="@second.int"),
        ),
        workers=2,
    )

    assert Path(log).read_text() == "1\n"
    assert in_state(outcome, "cached") == {"second"}
    assert outcome.status == "done"


def test_a_failure_skips_its_descendants_and_nothing_else(bench: Workbench) -> None:
    outcome = bench.run(
        document(
            bad=step("Fail", a=7),
            child=step("Add", a="@bad.int"),
            grandchild=step("Show", number="@child.int"),
            good=step("Number", value=5),
            show=step("Show", number="@good.int"),
        )
    )

    assert outcome.status == "failed"
    assert in_state(outcome, "skipped") == {"child", "grandchild"}
    assert [event.by for event in bench.of(StepSkipped)] == ["bad", "bad"]
    assert bench.files() == {"number_00001.txt": "5"}


def test_a_clear_refusal_has_no_traceback_and_a_broken_node_has_one(bench: Workbench) -> None:
    bench.run(document(clear=step("Fail", a=7), broken=step("Fail", a=7, how="broken")))
    clear, broken = bench.of(StepFailed)

    assert (clear.message, clear.trace) == ("cannot work with 7; give another number", "")
    assert broken.message == "KeyError: 'nothing here'"
    assert "toy_effects.py" in broken.trace


def test_a_linked_setting_is_held_to_its_bounds(bench: Workbench) -> None:
    bench.run(document(ten=step("Scale", a=11), scale=step("Scale", a=1, factor="@ten.float")))

    assert bench.of(StepFailed)[0].message == (
        "factor, linked to ten.float: 11.0 is above the maximum 10"
    )


def test_a_linked_int_becomes_the_float_a_port_wants(bench: Workbench) -> None:
    outcome = bench.run(document(n=step("Number", value=2), x=step("Scale", a="@n.int", factor=2)))

    assert outcome.status == "done"


def test_cancelling_stops_the_running_step_and_keeps_what_is_finished(bench: Workbench) -> None:
    written = document(
        first=step("Number", value=3),
        wait=step("Wait", a="@first.int", seconds=30),
        after=step("Add", a="@wait.int"),
    )
    with bench.backend() as backend:
        run = Run(bench.plan(written), bench.cache(), Settings(), bench.events.append, backend)
        threading.Timer(0.1, run.cancel).start()
        started = time.monotonic()
        outcome = run.execute()

    assert outcome.status == "cancelled"
    assert time.monotonic() - started < 5
    assert in_state(outcome, "computed") == {"first"}
    assert bench.fresh().states(written)["first"] == "cached"


def test_progress_carries_figures_and_is_not_reported_more_than_ten_times_a_second(
    bench: Workbench,
) -> None:
    bench.run(document(wait=step("Wait", a=1, seconds=0.35)))
    reports = bench.of(StepProgress)

    assert 2 <= len(reports) <= 6
    assert reports[-1].figures == {"loss": 0.5}


def test_a_chain_of_two_thousand_steps_runs_without_recursion(bench: Workbench) -> None:
    steps = {f"s{i}": step("Add", a=f"@s{i - 1}.int", b=1) for i in range(1, 2000)}
    outcome = bench.run(document(s0=step("Number"), **steps))

    assert outcome.count("computed") == 2000


def test_a_value_that_memory_has_no_room_for_still_reaches_its_consumers(tmp_path: Path) -> None:
    bench = Workbench(tmp_path, budget=0)
    bench.run(
        document(
            say=step("Say", text="hi"),
            join=step("Join", parts=["@say.words"]),
            save=step("Save", words="@join.words"),
        )
    )

    assert bench.files() == {"words_00001.txt": "alto: hi"}
    assert bench.memory.used == 0


def test_a_node_that_returns_another_type_than_it_declares_is_named(bench: Workbench) -> None:
    bench.run(document(lie=step("Lie", a=5)))

    assert bench.of(StepFailed)[0].message == 'the node declares "int: int" but returned str'


def test_training_goes_on_from_its_scratch_folder_after_a_failure(bench: Workbench) -> None:
    stopped = document(train=step("Train", steps=5, stop_at=3))
    assert bench.run(stopped).status == "failed"
    (weights,) = (bench.store.folder / "scratch").rglob("weights.bin")
    assert weights.read_bytes() == bytes([0, 1, 2])

    outcome = bench.run(document(train=step("Train", steps=5)))

    assert outcome.status == "done"
    assert list((bench.store.folder / "scratch").iterdir()) == []


def test_a_kept_file_can_be_read_by_a_later_step(bench: Workbench) -> None:
    written = document(
        train=step("Train", steps=4),
        size=step("UseFile", words="@train.words"),
        show=step("Show", number="@size.int"),
    )
    bench.run(written)

    assert bench.files() == {"number_00001.txt": "4"}


def test_a_lost_kept_file_is_made_again(bench: Workbench) -> None:
    written = document(train=step("Train", steps=4), size=step("UseFile", words="@train.words"))
    bench.run(document(train=step("Train", steps=4)))
    kept = next(path for path in bench.contents() if path.read_bytes() == bytes(range(4)))
    kept.unlink()
    again = bench.fresh()

    assert again.computed(written) == {"train", "size"}
    assert kept.exists()


def test_a_full_disk_costs_the_reuse_and_not_the_run(
    bench: Workbench,
) -> None:
    written = document(say=step("Say", text="hi"), save=step("Save", words="@say.words"))
    plan = bench.plan(written)
    records = bench.store.folder / "ac"
    records.rmdir()
    records.write_text("in the way")
    outcome = bench.execute(plan)

    assert outcome.status == "done"
    assert bench.files() == {"words_00001.txt": "alto: hi"}
    assert any("cannot be kept" in str(event) for event in bench.events)


def test_training_keeps_its_scratch_folder_when_its_result_cannot_be_kept(bench: Workbench) -> None:
    plan = bench.plan(document(train=step("Train", steps=4)))
    records = bench.store.folder / "ac"
    records.rmdir()
    records.write_text("in the way")
    outcome = bench.execute(plan)

    assert outcome.status == "done"
    (weights,) = (bench.store.folder / "scratch").rglob("weights.bin")
    assert weights.read_bytes() == bytes(range(4))


@pytest.mark.parametrize("kind", ["ReadFile", "UseFileInput"])
def test_a_file_that_changes_during_the_run_is_not_kept_under_its_old_digest(
    bench: Workbench, kind: str
) -> None:
    file = bench.folder / "a.txt"
    file.write_text("old")
    written = document(read=step(kind, file="a.txt"))
    plan = bench.plan(written)
    file.write_text("new")
    outcome = bench.execute(plan)
    file.write_text("old")

    assert outcome.status == "failed"
    assert "a.txt was changed or removed while" in bench.of(StepFailed)[0].message
    assert bench.computed(written) == {"read"}


def test_a_figure_that_is_no_number_is_null_in_json() -> None:
    event = StepProgress(1, "train", 1, 2, {"loss": math.nan, "lr": 0.5})

    assert event.to_json()["figures"] == {"loss": None, "lr": 0.5}
