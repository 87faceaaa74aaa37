from __future__ import annotations

import hashlib
from pathlib import Path
from typing import get_args

import pytest

from engine.store import Store
from engine.store.contents import Verify
from tests.engine.store.samples import age, place, put


@pytest.mark.parametrize("verify", get_args(Verify))
def test_sound_contents_are_read_however_often_they_are_verified(
    tmp_path: Path, verify: Verify
) -> None:
    store = Store(tmp_path, verify=verify)
    digest = put(store, b"hello")

    assert [store.read(digest) for _ in range(3)] == [b"hello"] * 3
    assert store.path(digest) == place(store, digest)


def test_damage_after_the_first_reading_is_seen_all_the_same(store: Store) -> None:
    digest = put(store, b"hello")
    age(place(store, digest), 60)

    assert store.read(digest) == b"hello"  # from now on it is trusted

    place(store, digest).write_bytes(b"hellO")

    assert store.read(digest) is None
    assert not store.has(digest)


def test_a_content_is_hashed_once_by_a_process_that_reads_it_often(store: Store) -> None:
    digest = put(store, b"hello")
    path = place(store, digest)
    age(path, 60)
    store.read(digest)
    before = path.stat()
    path.write_bytes(b"hellO")  # a write that leaves no trace: only a second hash could tell
    store.contents._verified[digest] = store.contents._verified[digest].replace(
        f"{before.st_mtime_ns}:{before.st_ctime_ns}",
        f"{path.stat().st_mtime_ns}:{path.stat().st_ctime_ns}",
    )

    assert store.read(digest) == b"hellO"
    assert Store(store.folder, verify="always").read(digest) is None


def test_who_wants_no_verification_gets_none(tmp_path: Path) -> None:
    store = Store(tmp_path, verify="never")
    digest = put(store, b"hello")
    place(store, digest).write_bytes(b"hellO")

    assert store.read(digest) == b"hellO"


def test_what_is_set_aside_is_written_to_a_log(store: Store) -> None:
    digest = put(store, b"hello")
    place(store, digest).write_bytes(b"hellO")
    store.read(digest)

    (line,) = (store.folder / "quarantine" / "log.txt").read_text().splitlines()
    assert f"cas {digest}: its bytes are not what its name says" in line
    assert [path.name for path in store.quarantine] == [digest]


def test_writing_what_is_there_makes_it_young_again(store: Store) -> None:
    digest = put(store, b"hello")
    age(place(store, digest), 3600)
    before = place(store, digest).stat().st_mtime
    put(store, b"hello")

    assert place(store, digest).stat().st_mtime > before + 3000


def test_a_content_written_again_just_now_is_not_removed(store: Store) -> None:
    digest = put(store, b"hello")
    since = place(store, digest).stat().st_mtime

    assert store.contents.remove(digest, since=since) == 0
    assert store.contents.remove(digest, since=since + 1) == 5
    assert store.contents.remove(digest, since=since + 1) == 0


def test_contents_are_found_by_their_first_digits(store: Store) -> None:
    digest = put(store, b"hello")

    assert store.contents.beginning_with(digest[:8]) == [digest]
    assert store.contents.beginning_with("00000000") == []


def test_keeping_a_damaged_file_again_mends_it(store: Store, tmp_path: Path) -> None:
    original = tmp_path / "weights.bin"
    original.write_bytes(b"weights")
    digest = store.keep(original)
    place(store, digest).write_bytes(b"weight")
    other = Store(store.folder)

    assert other.keep(original) == digest == hashlib.sha256(b"weights").hexdigest()
    assert other.read(digest) == b"weights"
