"""Runs from the queue go the way of the command line, and none of them can stop the next."""

import resource
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.events import Event
from engine.queue.rows import RunRequest
from engine.runner import MOST_PROBLEMS
from tests.engine.shop import SAY, Shop, opened
from tests.engine.workbench import document, step


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with opened(tmp_path) as shop:
        yield shop


def test_a_run_is_computed_once_and_its_file_is_told(shop: Shop) -> None:
    row = shop.run(SAY)
    assert row.state == "done"
    assert row.ending is not None
    assert row.ending.files == ("words_00001.txt",)
    assert row.ending.counts == {"computed": 2}
    again = shop.run(SAY)
    assert again.ending is not None
    assert (again.ending.files, again.ending.counts) == (("words_00001.txt",), {"cached": 2})
    assert {number for number, _ in shop.events} == {row.id, again.id}


def test_changes_are_those_of_the_command_line(shop: Shop) -> None:
    shop.run(SAY, "say.text=bye")
    assert shop.bench.files() == {"words_00001.txt": "alto: bye"}


def test_a_document_with_problems_fails_with_all_of_them(shop: Shop) -> None:
    row = shop.run(document(one=step("Ad", a=1), other=step("Say", text=5)))
    assert row.state == "failed"
    assert row.ending is not None
    assert {problem["code"] for problem in row.ending.problems} == {"wrong-value", "unknown-type"}


def test_a_step_that_fails_is_told_with_its_reason(shop: Shop) -> None:
    row = shop.run(document(bad=step("Fail", a=1)))
    assert row.state == "failed"
    assert row.ending is not None
    assert set(row.ending.failures) == {"bad"}


def test_a_run_that_computes_can_be_cancelled(shop: Shop) -> None:
    begun = threading.Event()
    shop.runner._listen = lambda number, event: begun.set()
    row = shop.queue.add(RunRequest(document(wait=step("Wait", a=1, seconds=30))))
    assert begun.wait(10)
    assert shop.runner.cancel(row.id)
    assert shop.wait(row.id).state == "cancelled"
    assert shop.run(SAY).state == "done"


def test_a_run_that_is_stopped_with_the_process_waits_for_the_next(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        begun = threading.Event()
        shop.runner._listen = lambda number, event: begun.set()
        row = shop.queue.add(RunRequest(document(wait=step("Wait", a=1, seconds=30))))
        assert begun.wait(10)
        shop.runner.stop(10)
        told = shop.queue.get(row.id)
        assert told is not None
        assert (told.state, told.attempt) == ("queued", 0)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
KNOWN = st.sampled_from(["Say", "Save", "Add", "Number", "Fail", "nothing"])
STEPS = st.dictionaries(
    st.text(max_size=4),
    st.fixed_dictionaries({"type": KNOWN | JSON, "inputs": JSON}) | JSON,
    max_size=3,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.fixed_dictionaries({"nodes": STEPS | JSON}) | STEPS, min_size=1, max_size=4))
def test_whatever_a_document_is_its_run_ends_and_the_next_one_works(
    tmp_path_factory: pytest.TempPathFactory, bodies: list[dict[str, Any]]
) -> None:
    with opened(tmp_path_factory.mktemp("shop")) as shop:
        for body in bodies:
            row = shop.run({"format": "latentgraph/1", **body})
            assert row.state in ("done", "failed")
        assert shop.run(SAY).state == "done"


def test_a_run_cancelled_in_the_moment_it_is_taken_is_not_computed(shop: Shop) -> None:
    def changed(number: int) -> None:
        shop.runner.cancel(number)
        shop._changed(number)

    shop.runner._changed = changed
    row = shop.queue.add(RunRequest(document(wait=step("Wait", a=1, seconds=30))))
    assert shop.wait(row.id).state == "cancelled"


def test_what_a_run_did_is_kept_without_paths(shop: Shop) -> None:
    row = shop.run(document(**SAY["nodes"], bad=step("Fail", a=1)))
    story = shop.queue.story(row.id)
    assert story[0]["event"] == "run-started"
    assert story[-1]["event"] == "run-done"
    assert story[-1]["files"] == ["words_00001.txt"]
    assert str(shop.bench.folder) not in str(story)
    again = shop.run(SAY)
    assert [event["event"] for event in shop.queue.story(again.id)] == ["run-started", "run-done"]


def test_an_ending_that_cannot_be_written_is_written_later(shop: Shop) -> None:
    with shop.queue._database.write() as db:
        db.execute("ALTER TABLE story RENAME TO hidden")
    row = shop.queue.add(RunRequest(SAY))
    for _ in range(200):
        time.sleep(0.01)
        if len(shop.events) == 4:
            break
    found = shop.queue.get(row.id)
    assert found is not None
    assert found.state == "running"
    with shop.queue._database.write() as db:
        db.execute("ALTER TABLE hidden RENAME TO story")
    assert shop.wait(row.id).state == "done"


def test_a_listener_that_breaks_does_not_break_a_run(shop: Shop) -> None:
    def hear(number: int, event: Event) -> None:
        raise ValueError("mine")

    shop.runner._listen = hear
    assert shop.run(SAY).state == "done"


def test_only_the_first_of_very_many_problems_are_kept(shop: Shop) -> None:
    row = shop.run(document(**{f"s{i}": step("Nope") for i in range(500)}))
    assert row.ending is not None
    assert len(row.ending.problems) == MOST_PROBLEMS + 1
    assert row.ending.problems[-1]["message"] == "300 more problems; a check lists all"


def test_hundreds_of_runs_leave_nothing_behind(shop: Shop) -> None:
    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

    sizes = []
    for _ in range(5):
        for number in range(40):
            shop.run(SAY if number % 2 else document(roll=step("Roll")))
            shop.events.clear()
        sizes.append(resident())
    assert sizes[-1] - sizes[1] < 1_000_000
    assert threading.active_count() < 20
