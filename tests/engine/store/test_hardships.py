"""A disk that is full, a store that cannot be written, or that somebody deletes meanwhile."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine.disk import publish
from engine.store import Store
from tests.engine.store.samples import key_of, make, put

FULL = (
    "import resource, signal, sys; from pathlib import Path\n"
    "from engine.store import Store; from tests.engine.store.samples import key_of, make, put\n"
    "store = Store(Path(sys.argv[1])); make(store, 1, b'small' * 300); store.index.flush()\n"
    "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
    "for write in (lambda: put(store, b'large' * 9999), lambda: store.keep(Path(sys.argv[2]))):\n"
    "    try:\n"
    "        write()\n"
    "    except OSError:\n"
    "        print('refused')\n"
    "store.index.flush(); store.settle(); store.upkeep.collect(10**9)\n"
    "assert store.read(store.record(key_of(1)).blobs[0]) == b'small' * 300\n"
    "with store.lock(key_of(2), lambda: False), store.lease(['ab' * 32] * 999):\n"
    "    print('goes on')\n"
)


def test_a_full_disk_refuses_what_is_too_large_and_leaves_nothing_behind(tmp_path: Path) -> None:
    large = tmp_path / "weights"
    large.write_bytes(b"w" * 99_999)
    folder = tmp_path / "store"
    command = [sys.executable, "-c", FULL, str(folder), str(large)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.stderr, done.stdout.split("\n")) == ("", ["refused", "refused", "goes on", ""])
    assert list((folder / "tmp").iterdir()) == []
    store = Store(folder)
    assert [digest for digest, _ in store.contents] == [hashlib.sha256(b"small" * 300).hexdigest()]


def test_a_store_that_was_deleted_meanwhile_holds_nothing_and_refuses_nothing_else(
    store: Store, tmp_path: Path
) -> None:
    record = make(store, 1, b"x" * 2000)
    shutil.rmtree(store.folder)

    assert store.record(record.key) is None
    assert store.read(record.blobs[0]) is None
    assert store.path(record.blobs[0]) is None
    assert store.last_key("place") is None
    assert list(store.notes()) == []
    assert store.upkeep.collect(0) is None
    assert store.settle() is None
    store.note_key("place", "key")
    with store.lock(key_of(1), lambda: False), store.lease(["ab" * 32]):
        pass
    with pytest.raises(OSError, match="No such file"):
        put(store, b"y" * 2000)
    with pytest.raises(OSError, match="No such file"):
        store.remember(record)
    model = tmp_path / "model"
    model.write_bytes(b"weights")
    assert store.digest_of(model) == hashlib.sha256(b"weights").hexdigest()


def test_a_file_in_the_way_is_an_error_of_the_system(store: Store) -> None:
    digest = hashlib.sha256(b"hello").hexdigest()
    (store.folder / "cas" / digest[:2]).write_bytes(b"")

    with pytest.raises(OSError, match=r"Not a directory|File exists"):
        put(store, b"hello")
    assert store.read(digest) is None
    assert store.path(digest) is None
    assert not store.has(digest)


def test_without_unnamed_files_publishing_works_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.disk._UNNAMED", 0)
    target = tmp_path / "deep" / "name"

    assert publish(b"one", target, tmp_path)
    assert not publish(b"two", target, tmp_path)
    assert target.read_bytes() == b"one"
    assert [path.name for path in tmp_path.iterdir()] == ["deep"]
