from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.disk import publish, sweep
from engine.errors import StoreError
from engine.records import Artifact, Record, Value
from engine.store import Store

KEY = "ab" + "0" * 62


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def write(store: Store, data: bytes) -> str:
    digest = hashlib.sha256(data).hexdigest()
    store.write(data, digest)
    return digest


def content(store: Store, digest: str) -> Path:
    return store.folder / "cas" / digest[:2] / digest


def record(**more: object) -> Record:
    body = {"key": KEY, "op": "Add", "version": 1, "outputs": {"int": Value("int", "1" * 64, 9)}}
    return Record(**(body | more))  # type: ignore[arg-type]


def test_what_is_written_is_read_by_another_process(store: Store) -> None:
    digest = write(store, b"hello")

    assert Store(store.folder).read(digest) == b"hello"
    assert store.has(digest)
    assert store.path(digest) == content(store, digest)


def test_what_was_never_written_is_absent(store: Store) -> None:
    assert store.read("0" * 64) is None
    assert store.path("0" * 64) is None
    assert not store.has("0" * 64)
    assert store.record(KEY) is None


@pytest.mark.parametrize("damage", [b"", b"hell", b"hellO", b"hello "])
def test_a_damaged_content_is_absent_and_moved_aside(store: Store, damage: bytes) -> None:
    digest = write(store, b"hello")
    content(store, digest).write_bytes(damage)
    other = Store(store.folder)

    assert other.path(digest) is None
    assert not other.has(digest)
    assert (store.folder / "quarantine" / digest).read_bytes() == damage


def test_a_damaged_content_is_replaced_by_the_next_write(store: Store) -> None:
    digest = write(store, b"hello")
    content(store, digest).write_bytes(b"hellO")
    other = Store(store.folder)
    write(other, b"hello")

    assert other.read(digest) == b"hello"


def test_a_record_comes_back_whole(store: Store) -> None:
    full = record(
        artifacts=(Artifact("output", "a_00001.png", "2" * 64),),
        kept=("3" * 64,),
        seconds=1.5,
        inputs={"op": "Add", "settings": {"b": 1.0}},
    )
    store.remember(full)

    assert Store(store.folder).record(KEY) == full
    assert full.blobs == ("1" * 64, "3" * 64)


def test_the_first_record_of_a_result_stays(store: Store) -> None:
    store.remember(record(seconds=1.0))
    store.remember(record(seconds=2.0))

    assert store.record(KEY) == record(seconds=1.0)


def test_a_record_that_says_something_else_takes_the_place_of_the_old_one(store: Store) -> None:
    store.remember(record())
    store.remember(record(kept=("f" * 64,)))

    assert store.record(KEY) == record(kept=("f" * 64,))


def test_a_record_of_an_earlier_version_is_a_miss_until_it_is_made_again(store: Store) -> None:
    path = store.folder / "ac" / "ab" / f"{KEY}.json"
    path.parent.mkdir()
    path.write_text('{"v": 1, "key": "..."}')

    assert store.record(KEY) is None
    assert path.exists()

    store.remember(record())

    assert store.record(KEY) == record()


@given(st.data())
def test_a_record_with_any_byte_changed_or_cut_off_is_refused(data: st.DataObject) -> None:
    whole = record().to_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != whole[place]))
    changed = whole[:place] + bytes([byte]) + whole[place + 1 :]

    assert Record.from_bytes(whole[:place]) is None
    assert Record.from_bytes(changed) in (None, record())  # white space may change


@pytest.mark.parametrize("text", ["", "x{}", "[]", "null", "0" * 64 + "\n{}", "[" * 5000])
def test_what_is_no_record_is_moved_aside(store: Store, text: str) -> None:
    store.remember(record())
    path = store.folder / "ac" / "ab" / f"{KEY}.json"
    path.write_text(text)

    assert store.record(KEY) is None
    assert not path.exists()


def test_a_record_under_another_key_is_refused(store: Store) -> None:
    store.remember(record())
    other = "ab" + "1" * 62
    (store.folder / "ac" / "ab" / f"{KEY}.json").rename(
        store.folder / "ac" / "ab" / f"{other}.json"
    )

    assert store.record(other) is None


def test_a_kept_file_is_a_copy(store: Store, tmp_path: Path) -> None:
    original = tmp_path / "weights.bin"
    original.write_bytes(b"weights")
    digest = store.keep(original)
    original.write_bytes(b"changed")

    assert store.read(digest) == b"weights"
    assert list((store.folder / "tmp").iterdir()) == []


def test_the_digest_of_a_file_is_remembered_until_the_file_changes(
    store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(b"one")
    long_ago = time.time() - 60
    os.utime(path, (long_ago, long_ago))
    first = store.digest_of(path)
    notes = list((store.folder / "digests").iterdir())
    path.write_bytes(b"two")
    os.utime(path, (long_ago, long_ago))

    assert len(notes) == 1
    assert first == hashlib.sha256(b"one").hexdigest()
    assert store.digest_of(path) == hashlib.sha256(b"two").hexdigest()


def test_a_file_that_has_just_changed_is_hashed_again_next_time(
    store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "fresh.bin"
    path.write_bytes(b"one")
    store.digest_of(path)

    assert list((store.folder / "digests").iterdir()) == []


def test_scratch_folders_last_until_they_are_cleared(store: Store) -> None:
    (store.scratch(KEY) / "step").touch()

    assert (store.scratch(KEY) / "step").exists()

    store.clear_scratch(KEY)

    assert list((store.folder / "scratch").iterdir()) == []


def test_a_file_in_the_place_of_the_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "store").touch()

    with pytest.raises(StoreError, match=r"cannot be used.*--store"):
        Store(tmp_path / "store")


def test_a_store_of_another_format_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "format.json").write_text('{"format": "latentgraph-store/99"}')

    with pytest.raises(StoreError, match="another format"):
        Store(tmp_path)
    assert (tmp_path / "format.json").read_text() == '{"format": "latentgraph-store/99"}'


def test_the_first_writer_of_a_name_wins_unless_asked_to_replace(tmp_path: Path) -> None:
    target = tmp_path / "name"

    assert publish(b"one", target, tmp_path)
    assert not publish(b"two", target, tmp_path)
    assert target.read_bytes() == b"one"
    assert publish(b"three", target, tmp_path, replace=True)
    assert target.read_bytes() == b"three"


def test_only_old_leftovers_are_swept(tmp_path: Path) -> None:
    (tmp_path / "old").touch()
    os.utime(tmp_path / "old", (0, 0))
    (tmp_path / "new").touch()
    sweep(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_processes_share_a_store_while_it_is_written(tmp_path: Path) -> None:
    script = (
        "import hashlib, sys; from pathlib import Path; from engine.store import Store\n"
        "store = Store(Path(sys.argv[1]))\n"
        "for i in range(150):\n"
        "    data = str(i).encode() * 1000\n"
        "    digest = hashlib.sha256(data).hexdigest()\n"
        "    store.write(data, digest)\n"
        "    assert store.read(digest) == data\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "store")]
    writers = [subprocess.Popen(command) for _ in range(2)]

    assert [writer.wait() for writer in writers] == [0, 0]
    store = Store(tmp_path / "store")
    contents = [path for path in (store.folder / "cas").rglob("*") if path.is_file()]
    assert len(contents) == 150
    assert all(store.path(path.name) for path in contents)
    assert list((store.folder / "quarantine").iterdir()) == []


def test_a_content_that_cannot_be_read_is_absent_until_it_is_written_again(store: Store) -> None:
    digest = write(store, b"hello")
    content(store, digest).unlink()
    content(store, digest).symlink_to("/proc/self/mem")  # a file whose reading fails
    other = Store(store.folder)

    assert other.path(digest) is None
    assert not other.has(digest)

    write(other, b"hello")

    assert other.read(digest) == b"hello"
