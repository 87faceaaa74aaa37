from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.contract import Snapshot
from engine.event_log import EventLog
from engine.events import (
    Event,
    RunDone,
    RunStarted,
    StepDone,
    StepFailed,
    StepPreview,
    StepProgress,
    StepStarted,
    Warned,
)
from tests.engine.workbench import Workbench, document, step


def log_of(*events: Event, capacity: int = 100) -> EventLog:
    log = EventLog(capacity)
    for event in events:
        log.append(event)
    return log


def started(seq: int, name: str) -> StepStarted:
    return StepStarted(seq, name, "Number", "why")


def done(seq: int, name: str) -> StepDone:
    return StepDone(seq, name, "Number", cached=False, seconds=0.1)


def test_a_reader_gets_what_came_after_what_it_has_seen() -> None:
    events = (RunStarted(1, 2, 0), started(2, "a"), done(3, "a"))
    log = log_of(*events)

    assert log.since(0).events == events
    assert log.since(2).events == (events[2],)
    assert log.since(3).events == ()
    assert log.since(3).seq == 3
    assert log.since(3).complete


def test_a_reader_that_fell_behind_is_told_so() -> None:
    log = log_of(*(done(seq, f"s{seq}") for seq in range(1, 11)), capacity=4)

    assert [event.seq for event in log.since(0).events] == [7, 8, 9, 10]
    assert not log.since(5).complete
    assert log.since(6).complete


def test_of_progress_and_previews_only_the_newest_of_each_step_is_kept() -> None:
    log = log_of(
        StepProgress(1, "a", 1, 9),
        StepProgress(2, "b", 1, 9),
        StepPreview(3, "a", Snapshot("image/png", b"rough")),
        StepProgress(4, "a", 2, 9),
        StepPreview(5, "a", Snapshot("image/png", b"fine")),
    )

    assert [event.seq for event in log.since(0).events] == [2, 4, 5]
    assert log.since(0).complete


def test_progress_and_previews_go_when_the_step_ends() -> None:
    log = log_of(
        started(1, "a"),
        StepProgress(2, "a", 1, 9),
        StepPreview(3, "a", Snapshot("image/png", b"rough")),
        StepFailed(4, "a", "Fail", "no"),
    )

    assert [event.seq for event in log.since(0).events] == [1, 4]
    assert [event.seq for event in log.snapshot().events] == [4]


def test_progress_takes_no_room_from_what_matters() -> None:
    log = EventLog(capacity=3)
    log.append(started(1, "a"))
    for seq in range(2, 1000):
        log.append(StepProgress(seq, "a", seq, 1000))

    assert [event.seq for event in log.since(0).events] == [1, 999]
    assert log.since(0).complete


def test_a_snapshot_tells_the_latest_of_every_step_however_small_the_buffer() -> None:
    events: list[Event] = [RunStarted(1, 50, 0)]
    for index in range(50):
        events += [started(2 * index + 2, f"s{index}"), done(2 * index + 3, f"s{index}")]
    events += [started(102, "last"), StepProgress(103, "last", 1, 2)]
    snapshot = log_of(*events, capacity=1).snapshot()

    assert snapshot.seq == 103
    assert snapshot.complete
    assert snapshot.events == (events[0], *events[2:102:2], *events[-2:])


def test_a_snapshot_keeps_every_warning_and_the_end() -> None:
    events = (
        RunStarted(1, 0, 0),
        Warned(2, "one"),
        Warned(3, "two"),
        RunDone(4, "done", 0, 0, 0, 0, 0),
    )

    assert log_of(*events).snapshot().events == events


def test_waiting_ends_with_the_next_event_or_with_the_time() -> None:
    log = log_of(started(1, "a"))

    assert log.wait(0, timeout=0)
    assert not log.wait(1, timeout=0.01)

    threading.Timer(0.05, log.append, [done(2, "a")]).start()
    began = time.monotonic()

    assert log.wait(1, timeout=10)
    assert time.monotonic() - began < 5


def test_readers_in_other_threads_miss_nothing_and_see_nothing_twice() -> None:
    log = EventLog(capacity=10_000)
    seen: list[list[int]] = [[], [], []]

    def read(into: list[int]) -> None:
        while not into or into[-1] < 2000:
            assert log.wait(into[-1] if into else 0, timeout=10)
            into += [event.seq for event in log.since(into[-1] if into else 0).events]

    readers = [threading.Thread(target=read, args=(into,)) for into in seen]
    for reader in readers:
        reader.start()
    for seq in range(1, 2001):
        log.append(done(seq, f"s{seq}"))
    for reader in readers:
        reader.join(timeout=10)

    assert seen == [list(range(1, 2001))] * 3


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Draw events of a few steps, in any order."""
    kinds: list[Any] = [
        started,
        done,
        lambda seq, name: StepProgress(seq, name, seq, 99),
        lambda seq, name: StepPreview(seq, name, Snapshot("image/png", b"")),
    ]
    length = draw(st.integers(0, 30))
    names = st.sampled_from(["a", "b", "c"])
    return [draw(st.sampled_from(kinds))(seq, draw(names)) for seq in range(1, length + 1)]


@given(histories(), st.integers(0, 30), st.integers(1, 8))
def test_a_reader_that_uses_a_snapshot_when_it_fell_behind_ends_up_with_the_truth(
    events: list[Event], pause: int, capacity: int
) -> None:
    log = EventLog(capacity)
    for event in events[:pause]:
        log.append(event)
    first = log.since(0)
    for event in events[pause:]:
        log.append(event)
    news = log.since(first.seq)
    known = [*first.events, *news.events] if first.complete and news.complete else []
    known = known or list(log.snapshot().events)

    assert states(known) == states(events)


def states(events: list[Event]) -> dict[str, Event]:
    """The latest state of each step."""
    return {event.step: event for event in events if isinstance(event, StepStarted | StepDone)}


@pytest.mark.parametrize("late", [False, True])
def test_a_real_run_can_be_followed_from_another_thread(bench: Workbench, late: bool) -> None:
    log = EventLog(capacity=4 if late else 1000)
    steps = {f"n{i}": step("Number", value=i) for i in range(20)}
    plan = bench.plan(document(**steps))
    bench.events = Followed(log)
    bench.execute(plan)
    news = log.snapshot() if late else log.since(0)

    assert news.complete
    assert log.since(0).complete is not late
    assert states(list(news.events)).keys() == steps.keys()
    assert isinstance(news.events[-1], RunDone)


class Followed(list[Event]):
    """Stands where the workbench keeps its events, and hands them to a log."""

    def __init__(self, log: EventLog) -> None:
        super().__init__()
        self._log = log

    def append(self, event: Event) -> None:
        self._log.append(event)
