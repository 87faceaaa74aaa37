"""What is accepted is kept, in order, and ends exactly once, whatever ends the process."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.queue.database import QueueError
from engine.queue.queue import RunQueue
from engine.queue.rows import (
    ENDED,
    DifferentRequestError,
    Ending,
    QueueFullError,
    RunRequest,
)
from engine.queue.upkeep import MOST_ATTEMPTS

DOCUMENT = {"format": "latentgraph/1", "nodes": {}}
DONE = Ending("done", ("a.png",), {"computed": 2}, (), {})


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[RunQueue]:
    queue = RunQueue(tmp_path / "queue.db")
    yield queue
    queue.close()


def again(queue: RunQueue, tmp_path: Path) -> RunQueue:
    """The queue as the next process finds it: this one never said that it ends."""
    queue.close()
    return RunQueue(tmp_path / "queue.db")


def test_runs_go_in_the_order_they_came_and_the_urgent_ones_first(queue: RunQueue) -> None:
    for name, priority in (("a", 0), ("b", 0), ("urgent", 5), ("c", 0)):
        queue.add(RunRequest(DOCUMENT, name, priority=priority))
    order = []
    while claim := queue.claim():
        order.append(claim.request.name)
        assert queue.finish(claim, DONE)
    assert order == ["urgent", "a", "b", "c"]


def test_a_run_is_told_as_it_was_asked_for_and_as_it_ended(queue: RunQueue) -> None:
    row = queue.add(RunRequest(DOCUMENT, "sketch", ("seed=3",), client="me"))
    claim = queue.claim()
    assert claim is not None
    assert claim.request == RunRequest(DOCUMENT, "sketch", ("seed=3",), client="me")
    assert queue.get(row.id) is not None
    queue.finish(claim, DONE)
    told = queue.get(row.id)
    assert told is not None
    assert (told.state, told.ending, told.attempt) == ("done", DONE, 1)
    assert told.to_json()["files"] == ("a.png",)
    assert queue.claim() is None


def test_what_was_accepted_is_there_after_the_process_died(queue: RunQueue, tmp_path: Path) -> None:
    rows = [queue.add(RunRequest(DOCUMENT, name)) for name in "abc"]
    claim = queue.claim()
    assert claim is not None
    after = again(queue, tmp_path)
    assert [row.id for row in after.list()] == [row.id for row in reversed(rows)]
    taken_up = after.get(claim.id)
    assert taken_up is not None
    assert taken_up.state == "queued"
    assert "died" in taken_up.note
    next_one = after.claim()
    assert next_one is not None
    assert (next_one.id, next_one.attempt) == (claim.id, 2)
    after.close()


def test_a_run_that_ends_the_process_again_and_again_is_set_aside(
    queue: RunQueue, tmp_path: Path
) -> None:
    bad, good = (queue.add(RunRequest(DOCUMENT, name)) for name in ("bad", "good"))
    for _ in range(MOST_ATTEMPTS):
        claim = queue.claim()
        assert claim is not None
        assert claim.id == bad.id
        queue = again(queue, tmp_path)
    told = queue.get(bad.id)
    assert told is not None
    assert told.state == "poisoned"
    assert "3 times" in told.note
    claim = queue.claim()
    assert claim is not None
    assert claim.id == good.id
    queue.close()


def test_an_attempt_that_was_given_up_cannot_end_the_run(queue: RunQueue, tmp_path: Path) -> None:
    queue.add(RunRequest(DOCUMENT))
    old = queue.claim()
    assert old is not None
    after = again(queue, tmp_path)
    new = after.claim()
    assert new is not None
    assert not after.finish(old, Ending("failed"))
    assert after.finish(new, DONE)
    assert not after.finish(new, Ending("failed")), "it has ended"
    told = after.get(new.id)
    assert told is not None
    assert told.state == "done"
    after.close()


def test_the_same_key_is_the_same_run_and_never_another(queue: RunQueue) -> None:
    first = queue.add(RunRequest(DOCUMENT, "a", client="me", idempotency="k"))
    assert queue.add(RunRequest(DOCUMENT, "a", client="me", idempotency="k")).id == first.id
    assert queue.add(RunRequest(DOCUMENT, "a", client="you", idempotency="k")).id != first.id
    with pytest.raises(DifferentRequestError, match="'k' was used for another run"):
        queue.add(RunRequest(DOCUMENT, "b", client="me", idempotency="k"))


def test_a_waiting_run_can_be_cancelled_and_moved(queue: RunQueue) -> None:
    a, b, c = (queue.add(RunRequest(DOCUMENT, name)) for name in "abc")
    queue.move(c.id, before=a.id)
    queue.cancel(a.id)
    cancelled = queue.get(a.id)
    assert cancelled is not None
    assert cancelled.state == "cancelled"
    order = [claim.id for claim in iter(queue.claim, None)]
    assert order == [c.id, b.id]
    assert queue.cancel(999) is None
    assert queue.move(999, 1) is None
    assert queue.get(2**70) is None


def test_a_pause_holds_over_a_restart(queue: RunQueue, tmp_path: Path) -> None:
    queue.add(RunRequest(DOCUMENT))
    queue.pause(paused=True)
    after = again(queue, tmp_path)
    assert after.paused
    assert after.claim() is None
    after.pause(paused=False)
    assert after.claim() is not None
    after.close()


def test_a_flood_is_refused(tmp_path: Path) -> None:
    queue = RunQueue(tmp_path / "queue.db", most_waiting=3, most_of_one=2)
    for _ in range(2):
        queue.add(RunRequest(DOCUMENT, client="a"))
    with pytest.raises(QueueFullError, match="2 runs of this client"):
        queue.add(RunRequest(DOCUMENT, client="a"))
    queue.add(RunRequest(DOCUMENT, client="b"))
    with pytest.raises(QueueFullError, match="3 runs wait already"):
        queue.add(RunRequest(DOCUMENT, client="c"))
    queue.close()


def test_a_damaged_file_is_set_aside_and_told(tmp_path: Path) -> None:
    path = tmp_path / "queue.db"
    path.write_bytes(b"no database " * 500)
    queue = RunQueue(path)
    assert queue.set_aside is not None
    assert queue.set_aside.read_bytes().startswith(b"no database")
    assert queue.add(RunRequest(DOCUMENT)).id == 1
    queue.close()


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(QueueError, match="cannot be opened"):
        RunQueue(tmp_path / "file" / "queue.db")


def test_one_who_waits_is_woken_by_a_new_run(queue: RunQueue) -> None:
    seen = queue.wait(-1, 0)
    thread = threading.Timer(0.05, lambda: queue.add(RunRequest(DOCUMENT)))
    thread.start()
    assert queue.wait(seen, 5) > seen
    thread.join()


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(["add", "claim", "finish", "fail", "cancel", "die", "move"])))
def test_every_accepted_run_ends_exactly_once_whatever_happens(
    tmp_path_factory: pytest.TempPathFactory, acts: list[str]
) -> None:
    path = tmp_path_factory.mktemp("queue") / "queue.db"
    queue, claims, accepted = RunQueue(path), [], set()
    ended: dict[int, str] = {}
    for act in [*acts, "die"]:
        if act == "add":
            accepted.add(queue.add(RunRequest(DOCUMENT)).id)
        elif act == "claim" and (claim := queue.claim()):
            claims.append(claim)
        elif act in ("finish", "fail") and claims:
            claim = claims.pop()
            assert queue.finish(claim, Ending("done" if act == "finish" else "failed"))
            ended[claim.id] = "done" if act == "finish" else "failed"
        elif act == "cancel" and accepted:
            row = queue.cancel(max(accepted))
            assert row is not None
        elif act == "move" and accepted:
            queue.move(min(accepted), 1, before=max(accepted))
        elif act == "die":
            queue.close()
            queue, claims = RunQueue(path), []
    rows = {row.id: row for row in queue.list(limit=1000)}
    assert rows.keys() == accepted
    assert all(rows[number].state == state for number, state in ended.items())
    assert all(row.state == "queued" or row.state in ENDED for row in rows.values())
    queue.close()
