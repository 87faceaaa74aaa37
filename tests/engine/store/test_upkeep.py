from __future__ import annotations

from pathlib import Path

import pytest

from engine.store import Store
from engine.store.upkeep import sweep_old
from tests.engine.store.samples import age, key_of, make

MONTH = 30 * 86_400


def sweep(store: Store) -> None:
    sweep_old(store.folder, store._locks)


@pytest.mark.parametrize(
    ("folder", "seconds"),
    [("tmp", 3600), ("preview", 7 * 86_400), ("quarantine", MONTH), ("digests", MONTH),
     ("last", MONTH)],
)  # fmt: skip
def test_files_nobody_needs_any_more_are_swept(store: Store, folder: str, seconds: int) -> None:
    for name, old in (("old", seconds + 60), ("new", seconds - 60)):
        path = store.folder / folder / name
        path.touch()
        age(path, old)
    sweep(store)

    assert [path.name for path in (store.folder / folder).iterdir()] == ["new"]


def test_a_scratch_folder_goes_when_nothing_in_it_changed_for_a_month(store: Store) -> None:
    for number in (1, 2, 3):
        folder = store.scratch(key_of(number))
        (folder / "step").touch()
        for path in (folder / "step", folder):
            age(path, MONTH + 60)
    (store.scratch(key_of(2)) / "step").touch()
    with store.lock(key_of(3), lambda: False):
        sweep(store)
    left = {path.name for path in (store.folder / "scratch").iterdir()}

    assert left == {key_of(2), key_of(3)}


def test_a_note_in_use_is_not_swept(store: Store, tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.write_bytes(b"weights")
    age(model, 3600)
    store.digest_of(model)
    store.note_key("place", "key")
    for path in [*(store.folder / "digests").iterdir(), store.folder / "last" / "place"]:
        age(path, MONTH + 60)
    store.digest_of(model)
    store.note_key("place", "key")
    sweep(store)

    assert len(list((store.folder / "digests").iterdir())) == 1
    assert store.last_key("place") == "key"


def test_a_store_that_is_gone_needs_no_sweeping(store: Store, tmp_path: Path) -> None:
    store.folder.rename(tmp_path / "elsewhere")
    sweep(store)

    assert not store.folder.exists()


def test_results_that_differ_when_computed_again_are_counted(store: Store) -> None:
    make(store, 1, b"x" * 2000)
    make(store, 1, b"x" * 2000)

    store.index.flush()
    assert store.index.differences() == 0

    make(store, 1, b"y" * 2000)
    store.index.flush()
    assert store.index.differences() == 1
    assert Store(store.folder).record(key_of(1)) == make(store, 1, b"y" * 2000)


def test_damaged_records_and_contents_are_told_from_sound_and_older_ones(store: Store) -> None:
    sound, damaged, older = (make(store, number, b"%d" % number * 2000) for number in range(3))
    store.actions.place(damaged.key).write_bytes(b"0")
    store.actions.place(older.key).write_text('{"v": 1}')
    store.contents.place(sound.blobs[0]).write_bytes(b"0")

    assert [store.actions.check(record.key) for record in (sound, damaged, older)] == [
        True, False, True,
    ]  # fmt: skip
    assert [store.contents.check(record.blobs[0]) for record in (sound, damaged)] == [False, True]
    assert store.actions.check(key_of(9)), "what is gone is not damaged"
    assert len(list(store.quarantine)) == 2
