"""What every backend must do, whatever it computes with."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.backends.backend import Backend
from engine.backends.report import Failed, Notice, Preview, Progress
from engine.node import Settings, Snapshot
from tests.engine.backends.probe import Probe, inline, once, process
from tests.engine.workbench import Workbench, document, step

BACKENDS: dict[str, Callable[[Workbench], Backend]] = {"inline": inline, "process": process}


@pytest.fixture(params=sorted(BACKENDS))
def make(request: pytest.FixtureRequest) -> Callable[[Workbench], Backend]:
    return BACKENDS[request.param]


@pytest.fixture
def probe(make: Callable[[Workbench], Backend], bench: Workbench) -> Iterator[Probe]:
    with contextlib.closing(make(bench)) as backend:
        yield Probe(bench, backend)


def test_a_step_gives_the_record_its_key_promises(probe: Probe) -> None:
    heard = probe.submit(document(n=step("Number", value=5), it=step("Halves", a="@n.int")))
    record = heard.finished().record

    assert (record.key, record.op, record.version) == (heard.task.key, "Halves", 1)
    assert (probe.value(heard, "low"), probe.value(heard, "high")) == (2, 3)
    assert record.inputs == heard.task.described
    assert probe.bench.fresh().store.record(record.key) == record


def test_values_of_classes_come_through_whole(probe: Probe) -> None:
    written = document(
        a=step("Say", text="a" * 5),
        b=step("Say", text="b", tone="loud"),
        it=step("Join", parts=["@b.words", "@a.words", "@b.words"], end="@a.words"),
    )

    assert probe.value(probe.submit(written), "words").text == (
        "alto: B alto: aaaaa alto: B alto: aaaaa"
    )


def test_progress_is_told_at_most_ten_times_a_second_and_always_at_the_end(probe: Probe) -> None:
    heard = probe.it("Wait", a=1, seconds=0.35)
    heard.finished()
    reports = heard.of(Progress)

    assert 2 <= len(reports) <= 6
    assert reports[-1] == Progress(1, 1, {"loss": 0.5})


def test_previews_reach_who_watches_and_nobody_else(probe: Probe) -> None:
    watched = probe.submit(once("Draft", drafts=3))
    watched.finished()
    unwatched = probe.submit(once("Draft", drafts=2), previews=False)
    unwatched.finished()

    assert watched.of(Preview)[-1] == Preview(Snapshot("text/plain", b"2........."))
    assert unwatched.of(Preview) == []


def test_a_preview_that_is_no_picture_is_refused(probe: Probe) -> None:
    failed = probe.it("Blurt").failed()

    assert failed.message.startswith("a preview is a Words, expected a Snapshot")


def test_saved_files_are_named_in_the_record(probe: Probe) -> None:
    written = document(say=step("Say", text="hi"), it=step("Save", words="@say.words", name="x/y"))
    (artifact,) = probe.submit(written).finished().record.artifacts

    assert (artifact.place, artifact.file) == ("output", "x/y_00001.txt")
    assert probe.bench.files() == {"x/y_00001.txt": "alto: hi"}


def test_a_kept_file_is_found_again_by_its_digest(probe: Probe) -> None:
    written = document(train=step("Train", steps=4), it=step("UseFile", words="@train.words"))

    assert probe.value(probe.submit(written)) == 4


def test_a_step_goes_on_in_its_scratch_folder_after_a_failure(probe: Probe) -> None:
    stopped = probe.it("Train", steps=5, stop_at=3).failed()
    (weights,) = (probe.bench.store.folder / "scratch").rglob("weights.bin")
    assert weights.read_bytes() == bytes([0, 1, 2])
    heard = probe.it("Train", steps=5)

    assert stopped.message == "stopped on purpose"
    assert probe.value(heard, "words").text == hashlib.sha256(bytes(range(5))).hexdigest()


def test_a_clear_refusal_is_told_as_it_is(probe: Probe) -> None:
    assert probe.it("Fail", a=7).failed() == Failed(
        "refused", "cannot work with 7; give another number"
    )


def test_a_nodes_own_value_error_is_a_refusal_that_keeps_its_traceback(probe: Probe) -> None:
    failed = probe.it("Fail", a=7, how="value").failed()

    assert (failed.kind, failed.message) == ("refused", "7 is odd; use 8")
    assert "toy_effects.py" in failed.trace


def test_a_broken_node_is_told_with_its_traceback(probe: Probe) -> None:
    failed = probe.it("Fail", a=7, how="broken").failed()

    assert (failed.kind, failed.message) == ("broken", "KeyError: 'nothing here'")
    assert "toy_effects.py" in failed.trace


@pytest.mark.parametrize("kind", ["Exit", "AsyncExit"])
def test_a_node_that_exits_ends_itself_and_nothing_else(probe: Probe, kind: str) -> None:
    failed = probe.it(kind).failed()

    assert (failed.kind, failed.message.split(" (")[0][-13:]) == ("broken", "SystemExit: 3")
    assert probe.value(probe.it("Patient", a=4)) == 4


def test_a_sentence_of_megabytes_is_cut(probe: Probe) -> None:
    failed = probe.it("Fail", a=7, how="long").failed()

    assert len(failed.message) < 5000


def test_a_linked_setting_is_held_to_its_bounds(probe: Probe) -> None:
    written = document(ten=step("Scale", a=11), it=step("Scale", a=1, factor="@ten.float"))

    assert (
        probe.submit(written)
        .failed()
        .message.startswith("factor, linked to ten.float: 11.0 is above the maximum 10")
    )


def test_a_linked_int_becomes_the_float_a_port_wants(probe: Probe) -> None:
    written = document(n=step("Number", value=2), it=step("Scale", a="@n.int", factor=2))

    assert probe.value(probe.submit(written), "float") == 4.0


def test_files_are_read_by_name_and_by_digest(probe: Probe) -> None:
    (probe.bench.folder / "a.txt").write_text("old")

    assert probe.value(probe.it("ReadFile", file="a.txt"), "words").text == "old"
    assert probe.value(probe.it("UseFileInput", file="a.txt"), "words").text == "old"


def test_a_file_that_changes_meanwhile_is_not_kept_under_its_old_digest(probe: Probe) -> None:
    file = probe.bench.folder / "a.txt"
    file.write_text("old")
    written = document(wait=step("Number"), it=step("ReadFile", file="a.txt"))
    graph = probe.bench.graph(written)
    file.write_text("new")
    failed = probe.submit_step(graph.steps["it"], graph.files).failed()

    assert "a.txt was changed or removed while" in failed.message


def test_an_asynchronous_node_gives_its_result(probe: Probe) -> None:
    assert probe.value(probe.it("Patient", a=3, seconds=0.05)) == 3


def test_asynchronous_nodes_wait_at_the_same_time(probe: Probe, tmp_path: Path) -> None:
    log = str(tmp_path / "log")
    both = [probe.it("MeetLater", a=a, log=log) for a in (1, 2)]

    assert [probe.value(heard) for heard in both] == [1, 2]


def test_a_cancelled_asynchronous_node_tidies_up_before_it_ends(
    probe: Probe, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    heard = probe.it("Patient", a=1, log=str(log), seconds=60)
    heard.wait_for(Progress)
    probe.backend.cancel(heard.task.key)

    assert heard.failed().kind == "cancelled"
    assert log.read_text() == "stopped"


def test_a_running_step_is_cancelled_at_its_next_progress(probe: Probe) -> None:
    heard = probe.it("Wait", a=1, seconds=60)
    other = probe.it("Wait", a=2, seconds=0.2)
    heard.wait_for(Progress)
    probe.backend.cancel(heard.task.key)

    assert heard.failed().kind == "cancelled"
    assert probe.value(other) == 2


def test_a_cancelled_step_goes_on_from_its_last_state(probe: Probe, tmp_path: Path) -> None:
    log = tmp_path / "log"
    heard = probe.it("Walk", a=100, log=str(log), steps=20)
    while len(heard.of(Progress)) < 3:
        time.sleep(0.005)
    probe.backend.cancel(heard.task.key)
    assert heard.failed().kind == "cancelled"
    done = len(log.read_text().splitlines())

    assert probe.value(probe.it("Walk", a=100, log=str(log), steps=20)) == 290
    assert log.read_text().split() == [str(number) for number in range(20)]
    assert 0 < done < 20


def test_a_queued_step_is_cancelled_without_computing(probe: Probe, tmp_path: Path) -> None:
    running = [probe.it("Wait", a=a, seconds=60) for a in range(4)]
    for heard in running:
        heard.wait_for(Progress)
    queued = probe.it("Log", a=1, file=str(tmp_path / "log"))
    probe.backend.cancel(queued.task.key)
    probe.backend.cancel_all()

    assert queued.failed().kind == "cancelled"
    assert {heard.failed().kind for heard in running} == {"cancelled"}
    assert not (tmp_path / "log").exists()


def test_after_cancelling_all_the_backend_goes_on(probe: Probe) -> None:
    heard = probe.it("Wait", a=1, seconds=60)
    heard.wait_for(Progress)
    probe.backend.cancel_all()
    heard.failed()

    assert probe.value(probe.it("Number", value=9)) == 9


def test_closing_ends_what_runs_as_cancelled(probe: Probe) -> None:
    heard = probe.it("Wait", a=1, seconds=60)
    heard.wait_for(Progress)
    probe.backend.close()

    assert heard.failed().kind == "cancelled"


@pytest.mark.parametrize("how", ["plain", "told", "real"])
def test_out_of_memory_is_tried_once_more(probe: Probe, tmp_path: Path, how: str) -> None:
    assert probe.value(probe.it("Starve", log=str(tmp_path / "log"), times=1, how=how)) == 1


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("plain", "there is not enough memory; use a smaller size or a smaller batch"),
        ("told", "512 x 512 is too large for this toy; use 256 x 256"),
    ],
)
def test_out_of_memory_twice_says_what_to_lower(
    probe: Probe, tmp_path: Path, how: str, said: str
) -> None:
    log = tmp_path / "log"
    failed = probe.it("Starve", log=str(log), times=9, how=how).failed()

    assert failed.kind == "memory"
    assert failed.message.startswith(said)
    assert log.read_text() == ".."


def test_what_another_process_kept_meanwhile_is_reused(probe: Probe, tmp_path: Path) -> None:
    log = tmp_path / "log"
    there = Probe(probe.bench.fresh(), inline(probe.bench.fresh()))
    first = there.it("Log", a=1, file=str(log)).finished()
    second = probe.it("Log", a=1, file=str(log)).finished()
    third = probe.submit(once("Log", a=1, file=str(log)), reuse=False).finished()

    assert [first.reused, second.reused, third.reused] == [False, True, False]
    assert second.record == first.record
    assert log.read_text() == "1\n1\n"


def test_tasks_of_equal_key_compute_once_and_the_others_wait(probe: Probe, tmp_path: Path) -> None:
    log = tmp_path / "log"
    heard = [probe.it("Slow", a=1, file=str(log)) for _ in range(3)]
    endings = [one.finished() for one in heard]

    assert sorted(ending.reused for ending in endings) == [False, True, True]
    assert log.read_text() == "1\n"
    notices = [notice.message for one in heard for notice in one.of(Notice)]
    assert all("is being computed; waiting" in notice for notice in notices)


def test_a_task_that_waits_for_its_twin_can_be_cancelled(probe: Probe) -> None:
    first = probe.it("Wait", a=1, seconds=60)
    first.wait_for(Progress)
    second = probe.it("Wait", a=1, seconds=60)
    second.wait_for(Notice)
    probe.backend.cancel(first.task.key)

    assert first.failed().kind == second.failed().kind == "cancelled"


def test_effects_that_must_not_merge_happen_each(probe: Probe) -> None:
    written = document(say=step("Say"), it=step("Save", words="@say.words"))
    for _ in range(2):
        assert not probe.submit(written, reuse=False).finished().reused

    assert len(probe.bench.files()) == 2


def test_a_volatile_node_computes_under_every_new_key(probe: Probe, tmp_path: Path) -> None:
    log = tmp_path / "log"
    for nonce in ("a", "b"):
        probe.submit(once("Hour", log=str(log)), key=nonce * 64).finished()

    assert log.read_text() == "hour\nhour\n"


def test_the_run_settings_reach_the_node(probe: Probe) -> None:
    run = Settings("cuda:1", "bfloat16", 3)
    heard = probe.submit(once("Surroundings"), run=run)

    assert json.loads(probe.value(heard, "str")) == ["cuda:1", "bfloat16", 3]


def test_a_version_the_backend_does_not_have_is_refused(probe: Probe) -> None:
    heard = probe.it("Number", value=1)
    heard.finished()
    body = {**heard.task.to_json(), "version": 9, "key": "f" * 64}
    skewed = type(heard)(type(heard.task).from_json(body))
    probe.backend.submit(skewed.task, skewed)

    assert "needs Number version 9, but the process that computes has version 1" in (
        skewed.failed().message
    )


def test_a_value_that_vanished_is_named(
    probe: Probe, make: Callable[[Workbench], Backend], tmp_path: Path
) -> None:
    written = document(
        text=step("Restless", count=str(tmp_path / "count")),
        it=step("Head", text="@text.str", size=1500),
    )
    maker = probe.submit(written, "text").finished()
    probe.learn(probe.bench.graph(written).steps["text"], maker)
    for path in probe.bench.contents():
        path.unlink()
    fresh = probe.bench.fresh()
    with contextlib.closing(make(fresh)) as backend:
        failed = Probe(fresh, backend, probe.values).submit(written).failed()

    assert (failed.kind, failed.detail) == ("vanished", maker.record.outputs["str"].digest)


def test_steps_compute_at_the_same_time(probe: Probe, tmp_path: Path) -> None:
    both = [probe.it("Meet", a=a, log=str(tmp_path / "log")) for a in (1, 2)]

    assert [probe.value(heard) for heard in both] == [1, 2]
