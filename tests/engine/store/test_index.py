from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from engine.records import Record, Value
from engine.store import Store, tables
from engine.store.index import Index
from tests.engine.store.samples import key_of, make, put


def record(number: int, op: str = "Say", seconds: float = 1.0) -> Record:
    return Record(key_of(number), op, 1, {"words": Value("Words", "ab" * 32, 9)}, seconds=seconds)


@pytest.fixture
def index(tmp_path: Path) -> Index:
    return Index(tmp_path / "index.sqlite")


def test_notes_are_seen_by_another_process_once_they_are_written_down(index: Index) -> None:
    index.made(record(1, seconds=2.0))
    index.made(record(2, seconds=4.0))
    index.made(record(3, op="Paint", seconds=9.0))
    other = Index(index._path)

    assert other.by_op() == []

    index.flush()

    assert other.by_op() == [("Paint", 1, 9.0), ("Say", 2, 6.0)]
    assert Index(index._path).mean_seconds("Say") == 3.0
    assert other.mean_seconds("Dance") is None


def test_a_new_mean_is_known_once_it_is_written_down(index: Index) -> None:
    index.made(record(1, seconds=2.0))
    index.flush()

    assert index.mean_seconds("Say") == 2.0

    index.made(record(2, seconds=4.0))
    index.flush()

    assert index.mean_seconds("Say") == 3.0


def test_uses_of_records_are_counted(index: Index) -> None:
    index.made(record(1))
    index.flush()
    for _ in range(3):
        index.found(key_of(1))
    index.flush()
    use = index.use_of_record(key_of(1))

    assert use is not None
    assert use.uses == 3
    assert use.made <= use.used <= time.time()
    assert index.use_of_record(key_of(2)) is None


def test_the_worth_of_a_content_is_seconds_times_uses_per_byte(store: Store) -> None:
    cheap = make(store, 1, b"c" * 2000, seconds=1.0).blobs[0]
    dear = make(store, 2, b"d" * 2000, seconds=10.0).blobs[0]
    often = make(store, 3, b"o" * 2000, seconds=1.0).blobs[0]
    for _ in range(20):
        store.read(often)
    store.index.flush()

    assert [worth.digest for worth in store.index.cheapest_first()] == [cheap, dear, often]
    assert store.index.bytes() == 6000


def test_a_file_that_a_step_kept_counts_with_its_size(store: Store, tmp_path: Path) -> None:
    (tmp_path / "weights").write_bytes(b"w" * 5000)
    store.keep(tmp_path / "weights")
    store.index.flush()

    assert store.index.bytes() == 5000


def test_many_notes_are_written_down_in_between(index: Index) -> None:
    for number in range(500):
        index.made(record(number))

    assert Index(index._path).by_op() == [("Say", 500, 500.0)]


@pytest.mark.parametrize("rubbish", [b"", b"not a database at all, but long enough" * 50])
def test_an_index_that_is_none_is_made_anew(index: Index, rubbish: bytes) -> None:
    index._path.write_bytes(rubbish)
    index.made(record(1))
    index.flush()

    assert index.by_op() == [("Say", 1, 1.0)]


def test_an_index_of_another_version_is_made_anew(index: Index) -> None:
    with sqlite3.connect(index._path) as database:
        database.execute("create table record (something integer)")
        database.execute("pragma user_version = 99")
    database.close()
    index.made(record(1))
    index.flush()

    assert index.by_op() == [("Say", 1, 1.0)]


def test_notes_wait_while_another_process_has_the_index_locked(index: Index) -> None:
    index.made(record(1))
    index.flush()
    other = tables.connect(index._path, 0.0)
    other.execute("begin immediate")
    index.made(record(2))
    began = time.perf_counter()
    index.flush(patience=0.05)

    assert time.perf_counter() - began < 1
    assert index.by_op() == [("Say", 1, 1.0)]  # reading is not locked

    other.rollback()
    other.close()
    index.made(record(3))
    index.flush()

    assert index.by_op() == [("Say", 3, 3.0)]


def test_an_index_that_cannot_be_written_costs_nothing_else(tmp_path: Path) -> None:
    index = Index(tmp_path / "no folder" / "index.sqlite")
    index.made(record(1))
    index.flush()

    assert index.mean_seconds("Say") is None
    assert index.bytes() == 0
    assert index.cheapest_first() == []
    assert index.oldest() is None


def test_the_index_learns_from_the_files_what_it_has_not_heard_of(store: Store) -> None:
    digest = make(store, 1, b"x" * 2000, seconds=3.0).blobs[0]
    unknown = put(store, b"y" * 2000)
    store.index.flush()
    for path in store.folder.glob("index.sqlite*"):
        path.unlink()
    other = Store(store.folder)
    other.upkeep.survey()

    assert other.index.by_op() == [("Say", 1, 3.0)]
    assert {worth.digest: worth.seconds for worth in other.index.cheapest_first()} == {
        digest: 3.0,
        unknown: 0.0,
    }


def test_the_index_forgets_what_is_gone(store: Store) -> None:
    record = make(store, 1, b"x" * 2000)
    store.index.flush()
    store.contents.place(record.blobs[0]).unlink()
    store.actions.remove(record.key)
    store.upkeep.survey()

    assert store.index.by_op() == []
    assert store.index.bytes() == 0
