from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.server.feed import Feed, Frame


def body(frame: Frame) -> dict[str, Any]:
    assert isinstance(frame.payload, str)
    found: dict[str, Any] = json.loads(frame.payload)
    return found


def progress(feed: Feed, done: int, step: str = "a", run: str = "1") -> None:
    feed.tell(run, {"event": "step-progress", "step": step, "done": done})


def test_one_sequence_numbers_all_runs_and_names_the_epoch() -> None:
    feed = Feed("e")
    for run in ("1", "2", "1"):
        feed.tell(run, {"event": "warned", "message": "x"})

    frames = feed.since(0).frames
    assert [(body(frame)["seq"], body(frame)["run"]) for frame in frames] == [
        (1, "1"), (2, "2"), (3, "1"),
    ]  # fmt: skip
    assert {body(frame)["epoch"] for frame in frames} == {"e"}
    assert [frame.seq for frame in feed.since(1, "1").frames] == [3]


def test_only_the_newest_progress_of_a_step_is_kept_and_none_once_it_ends() -> None:
    feed = Feed("e")
    for done in range(5):
        progress(feed, done)
    progress(feed, 1, "b")
    kept = [body(frame)["done"] for frame in feed.since(0).frames]
    feed.tell("1", {"event": "step-done", "step": "a"})

    assert kept == [4, 1]
    assert [body(frame)["event"] for frame in feed.since(0).frames] == [
        "step-progress", "step-done",
    ]  # fmt: skip


def test_a_preview_is_a_frame_of_bytes_and_only_the_newest_is_kept() -> None:
    feed = Feed("e")
    for data in (b"old", b"new"):
        feed.tell("1", {"event": "step-preview", "step": "a"}, ("image/png", data))

    (frame,) = feed.since(0).frames
    assert isinstance(frame.payload, bytes)
    length = int.from_bytes(frame.payload[:4], "big")
    assert json.loads(frame.payload[4 : 4 + length]) == {
        "event": "step-preview", "step": "a", "run": "1", "epoch": "e", "seq": 2,
        "mime": "image/png",
    }  # fmt: skip
    assert frame.payload[4 + length :] == b"new"


def test_what_left_the_ring_is_said_to_be_missing() -> None:
    feed = Feed("e", capacity=3)
    for number in range(5):
        feed.tell("1", {"event": "warned", "message": str(number)})

    assert not feed.since(1).complete
    assert feed.since(2).complete
    assert not feed.since(6).complete
    assert len(feed.since(0).frames) == 3


def test_a_snapshot_tells_the_latest_of_each_step_of_runs_that_go_on() -> None:
    feed = Feed("e")
    feed.tell("1", {"event": "step-started", "step": "a"})
    feed.tell("1", {"event": "step-done", "step": "a"})
    feed.tell("1", {"event": "step-started", "step": "b"})
    feed.tell("2", {"event": "step-started", "step": "a"})
    feed.tell("2", {"event": "run-ended"})
    told = [(body(frame)["event"], body(frame)["step"]) for frame in feed.snapshot().frames]

    assert told == [("step-done", "a"), ("step-started", "b")]
    assert feed.snapshot("2").frames == ()
    assert feed.snapshot().seq == 5


KINDS = ("step-started", "step-progress", "step-done", "warned", "run-changed", "run-ended")


@given(
    st.lists(st.tuples(st.sampled_from("12"), st.sampled_from(KINDS), st.sampled_from("ab"))),
    st.integers(0, 60),
)
def test_a_client_that_missed_something_learns_the_latest_of_every_step(
    told: list[tuple[str, str, str]], seen: int
) -> None:
    """Whatever was overtaken, the last thing said of a step is among what is replayed."""
    feed = Feed("e")
    for run, kind, step in told:
        feed.tell(run, {"event": kind, "step": step})
    replayed = {(frame.run, body(frame)["step"]): body(frame) for frame in feed.since(0).frames}

    for seq, (run, kind, step) in enumerate(told, 1):
        later = [k for r, k, s in told[seq:] if (r, s) == (run, step)]
        if not later:
            assert replayed[run, step]["event"] == kind
    assert all(frame.seq > seen for frame in feed.since(seen).frames)
