"""Steps that are stopped inside and go on, with the whole engine around them."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.events import StepFailed
from engine.records import CHECKPOINT, Record
from tests.engine.backends.probe import Probe, process
from tests.engine.shell import Shell
from tests.engine.workbench import Workbench, document, step

WAY = "one two three four five"
WORDS = ["alto:", *WAY.split()]  # as Say gives them
ways = st.lists(st.sampled_from("abc"), min_size=1, max_size=6).map(" ".join)


def hike(trace: Path, way: str = WAY, **more: Any) -> dict[str, Any]:
    return document(
        say=step("Say", text=way),
        it=step("Hike", way="@say.words", trace=str(trace), **more),
        save=step("Save", words="@it.words", name="place"),
    )


def goal(way: str = WAY) -> str:
    place = b"boots"
    for word in ["alto:", *way.split()]:
        place = hashlib.sha256(place + word.encode()).digest() * 4
    return place.hex()


def went(bench: Workbench, way: str = WAY, **more: Any) -> list[str]:
    """Go, and return the words that were really gone; who arrives must be where they lead."""
    trace = bench.folder / "trace"
    trace.write_text("")
    outcome = bench.run(hike(trace, way, **more))
    if outcome.status == "done" and "shoes" not in more:
        assert goal(way) in bench.files().values()
    return trace.read_text().split()


def checkpoints(bench: Workbench) -> list[Record]:
    """The checkpoints in the store, by how far they are."""
    found = filter(None, map(bench.store.record, bench.store.actions))
    kept = [record for record in found if record.op == "checkpoint of Hike"]
    return sorted(kept, key=lambda record: record.inputs["settings"]["done"])


def damage(bench: Workbench, record: Record) -> None:
    bench.store.contents.place(record.outputs["state"].digest).write_bytes(b"damaged")


@pytest.mark.parametrize("done", range(1, len(WORDS)))
def test_a_step_that_fails_goes_on_from_the_very_link(bench: Workbench, done: int) -> None:
    assert went(bench, stop_at=done) == WORDS[:done]
    assert went(bench.fresh()) == WORDS[done:]


def test_a_fault_while_a_failed_step_is_kept_does_not_hide_what_failed(bench: Workbench) -> None:
    went(bench, stop_at=3, how="spoil")

    assert [event.message for event in bench.of(StepFailed)] == ["stopped on purpose"]
    assert went(bench.fresh()) == WORDS


def test_other_settings_start_over(bench: Workbench) -> None:
    went(bench, stop_at=3)

    assert went(bench, shoes="slippers") == WORDS


def test_without_the_cache_a_step_starts_over(bench: Workbench) -> None:
    went(bench, stop_at=3)
    ignoring = Workbench(bench.folder, reading=False)

    assert went(ignoring) == WORDS


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_way_that_is_longer_begins_where_the_shorter_one_ended(
    bench: Workbench, times: int
) -> None:
    went(bench)
    for number in range(times):
        longer = f"{WAY} {number} end"
        assert went(bench, longer) == [str(number), "end"]


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_way_with_another_last_link_leaves_just_before_it(bench: Workbench, times: int) -> None:
    went(bench)
    for number in range(times):
        assert went(bench, f"one two three four {number}") == [str(number)]


@settings(max_examples=25, deadline=None)
@given(st.lists(ways, min_size=2, max_size=4))
def test_whatever_was_gone_before_every_way_leads_where_it_leads_alone(gone: list[str]) -> None:
    with TemporaryDirectory() as folder:
        bench = Workbench(Path(folder))
        for way in gone:
            words = ["alto:", *way.split()]
            took = went(bench, way)  # where it leads is held to `goal`

            assert took == words[len(words) - len(took) :]


def test_only_the_two_ends_stay_of_a_finished_walk(bench: Workbench) -> None:
    for done in (1, 2, 3):  # what is kept when a step fails is only of use until it is finished
        went(bench, stop_at=done)
    assert [record.inputs["settings"]["done"] for record in checkpoints(bench)] == [2, 3]
    went(bench)

    assert [record.inputs["settings"]["done"] for record in checkpoints(bench)] == [5, 6]


def test_a_damaged_checkpoint_gives_way_to_the_one_before(bench: Workbench) -> None:
    went(bench, stop_at=2)
    went(bench, stop_at=4)
    damage(bench, checkpoints(bench)[-1])

    assert went(bench.fresh()) == WORDS[2:]


def test_a_finished_step_whose_result_was_evicted_is_its_last_checkpoint(bench: Workbench) -> None:
    went(bench)
    for record in filter(None, map(bench.store.record, list(bench.store.actions))):
        if record.op in ("Hike", "Save"):
            bench.store.forget(record)

    assert went(bench.fresh()) == []


def test_a_checkpoint_that_is_pinned_stays(bench: Workbench) -> None:
    went(bench, stop_at=2)
    (pinned,) = checkpoints(bench)
    bench.store.pins.add(pinned.key, "the fork in the road")
    went(bench)

    assert [record.inputs["settings"]["done"] for record in checkpoints(bench)] == [2, 5, 6]


def test_the_store_counts_no_checkpoint_that_it_dropped(bench: Workbench) -> None:
    for done in (1, 2, 3, 4):
        went(bench, stop_at=done)
    went(bench)
    bench.store.settle()

    assert bench.store.index.bytes() == sum(path.stat().st_size for path in bench.contents())
    assert set(bench.store.index.unknown_records(list(bench.store.actions))) == set()


def test_checkpoints_are_what_the_upkeep_sweeps_after_a_month(bench: Workbench) -> None:
    went(bench, stop_at=2)
    bench.store.settle()

    assert bench.store.index.idle_of(CHECKPOINT, before=2e10) == [checkpoints(bench)[0].key]


def test_the_seconds_of_a_checkpoint_count_from_the_beginning_of_the_walk(bench: Workbench) -> None:
    went(bench, stop_at=2)
    (early,) = checkpoints(bench)
    went(bench.fresh())

    assert all(late.seconds >= early.seconds for late in checkpoints(bench))


def test_a_worker_that_dies_leaves_its_last_checkpoint(bench: Workbench) -> None:
    trace = bench.folder / "trace"
    with contextlib.closing(process(bench)) as backend:
        probe = Probe(bench, backend)
        assert probe.submit(hike(trace, stop_at=5, how="die")).failed().kind == "died"

        assert probe.value(probe.submit(hike(trace)), "words").text == goal()
    assert trace.read_text().split() == [*WORDS[:5], "five"]


def test_explain_tells_what_a_checkpoint_is(shell: Shell) -> None:
    shell.write(hike(shell.folder / "trace", stop_at=4))
    shell.run()
    records = (shell.folder / ".latentgraph" / "ac").rglob("*.json")
    found = filter(None, (Record.from_bytes(path.read_bytes()) for path in records))
    (key,) = (record.key for record in found if record.op == "checkpoint of Hike")

    said = shell.type("cache", "explain", key[:12]).stdout

    assert "node      checkpoint of Hike version 1" in said
    assert "setting   done = 4" in said
