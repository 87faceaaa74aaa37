"""What cannot be kept is refused in a sentence; the file stays in bounds; no fault is silent."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.queue.database import QueueError
from engine.queue.queue import RunQueue
from engine.queue.rows import Ending, QueueFullError, RunRequest, UnfitRequestError
from engine.queue.tables import MIGRATIONS

DOCUMENT = {"format": "latentgraph/1", "nodes": {}}


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[RunQueue]:
    queue = RunQueue(tmp_path / "queue.db")
    yield queue
    queue.close()


def deep(levels: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(levels):
        found = {"a": found}
    return found


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        (RunRequest(DOCUMENT, "x" * 201), "at most 200 characters"),
        (RunRequest(DOCUMENT, "a\ud800"), "plain text"),
        (RunRequest(DOCUMENT, client="a\x00b"), "the client is"),
        (RunRequest(DOCUMENT, idempotency="k" * 300), "the idempotency is"),
        (RunRequest(DOCUMENT, priority=10**30), "must be from -1000 to 1000"),
        (RunRequest(DOCUMENT, changes=("a=1",) * 1001), "1001 values are set"),
        (RunRequest(DOCUMENT, changes=("a=" + "1" * 100_000,)), "at most 100000 are taken"),
        (RunRequest(deep(50_000)), "nested too deep"),
        (RunRequest({"a": object()}), "no JSON"),
        (RunRequest({"a": "b" * 20_000_000}), "at most 20 are taken"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_kept_is_refused(
    queue: RunQueue, request_: RunRequest, sentence: str
) -> None:
    with pytest.raises(UnfitRequestError, match=sentence):
        queue.add(request_)
    assert queue.list() == []


def test_a_document_comes_back_with_its_keys_in_order(queue: RunQueue) -> None:
    document = {"nodes": {"b": {}, "a": {}}, "format": "latentgraph/1", "ü": [1.5, None]}
    queue.add(RunRequest(document))
    claim = queue.claim()
    assert claim is not None
    assert list(claim.request.document["nodes"]) == ["b", "a"]
    assert claim.request.document == document


def test_the_oldest_ended_runs_are_forgotten_when_the_file_is_too_large(tmp_path: Path) -> None:
    queue = RunQueue(tmp_path / "queue.db", most_bytes=1_000_000)
    waiting = queue.add(RunRequest({**DOCUMENT, "first": True}, priority=-1))
    for number in range(40):
        queue.add(RunRequest({**DOCUMENT, "meta": f"{number}" * 50_000}))
        claim = queue.claim()
        assert claim is not None
        queue.finish(claim, Ending("done"), [{"event": "run-done"}])
    kept = {row.id for row in queue.list(limit=1000)}
    assert waiting.id in kept
    assert max(kept) == 41
    assert len(kept) < 30
    assert sum(path.stat().st_size for path in tmp_path.glob("queue.db")) < 2_000_000
    queue.close()


def test_too_much_that_waits_is_refused_and_nothing_of_it_forgotten(tmp_path: Path) -> None:
    queue = RunQueue(tmp_path / "queue.db", most_bytes=500_000)

    def flood() -> None:
        for number in range(40):
            queue.add(RunRequest({**DOCUMENT, "meta": f"{number}" * 50_000}))

    with pytest.raises(QueueFullError, match=r"more than 0\.5 MB"):
        flood()
    assert queue.counts()["queued"] > 3
    queue.close()


def test_what_happened_is_kept_with_the_run(queue: RunQueue) -> None:
    row = queue.add(RunRequest(DOCUMENT))
    claim = queue.claim()
    assert claim is not None
    assert queue.story(row.id) == []
    queue.finish(claim, Ending("done"), [{"event": "run-started"}, {"event": "run-done"}])
    assert [event["event"] for event in queue.story(row.id)] == ["run-started", "run-done"]
    assert queue.story(999) == []


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "queue.db"
    RunQueue(path).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(QueueError, match="newer than this program"):
        RunQueue(path)
    assert path.read_bytes() == before


def test_a_disk_that_is_full_is_a_sentence_and_costs_nothing_that_is_there(
    queue: RunQueue,
) -> None:
    row = queue.add(RunRequest(DOCUMENT))
    with queue._database.read() as db:
        (pages,) = db.execute("PRAGMA page_count").fetchone()
        db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(QueueError, match="full"):
        queue.add(RunRequest({**DOCUMENT, "meta": "x" * 100_000}))
    assert [found.id for found in queue.list()] == [row.id]
    claim = queue.claim()
    assert claim is not None
    assert queue.finish(claim, Ending("done"))


def test_one_damaged_inside_is_set_aside_with_all_that_belongs_to_it(tmp_path: Path) -> None:
    path = tmp_path / "queue.db"
    queue = RunQueue(path)
    for number in range(200):
        queue.add(RunRequest({**DOCUMENT, "meta": str(number) * 100}))
    queue.close()
    data = bytearray(path.read_bytes())
    data[4096 : len(data) // 2] = b"\xff" * (len(data) // 2 - 4096)
    path.write_bytes(data)
    again = RunQueue(path)
    assert again.set_aside is not None
    assert again.set_aside.stat().st_size == len(data)
    assert again.list() == []
    again.close()
