from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.records import CHECKPOINT
from engine.store import Store
from engine.store.eviction import Freed
from tests.engine.store.samples import age, key_of, make, put, settled

LEASE = (
    "import sys, time; from pathlib import Path; from engine.store import Store\n"
    "with Store(Path(sys.argv[1])).lease([sys.argv[2]]):\n"
    "    print('leased', flush=True)\n"
    "    time.sleep(60)\n"
)


def there(store: Store) -> set[str]:
    return {digest for digest, _ in store.contents}


def collect(store: Store, limit: int) -> Freed:
    freed = store.upkeep.collect(limit)
    assert freed is not None
    return freed


def blobs(store: Store, *seconds: float, size: int = 1000) -> list[str]:
    """Make one content of some size per number of seconds it took."""
    return [
        make(store, number, b"%d" % number * size, seconds=took).blobs[0]
        for number, took in enumerate(seconds)
    ]


def test_below_the_limit_nothing_goes(store: Store) -> None:
    blobs(store, 1.0, 2.0)
    freed = collect(settled(store), 2000)

    assert (freed.bytes, freed.contents, freed.kept) == (0, 0, 2000)


def test_what_is_cheap_to_make_again_goes_first_until_a_tenth_is_free(store: Store) -> None:
    cheap, dear, middling = blobs(store, 1.0, 100.0, 10.0)
    freed = collect(settled(store), 2500)

    assert there(store) == {dear, middling}
    assert freed == Freed(1000, 1, 1.0, 2000, 0)
    assert store.record(key_of(0)) is not None, "its record stays"
    assert not store.has(cheap)


def test_of_equal_cost_what_is_large_goes_first(store: Store) -> None:
    large = make(store, 1, b"l" * 9000).blobs[0]
    small = make(store, 2, b"s" * 900).blobs[0]
    collect(settled(store), 9500)

    assert there(store) == {small}
    assert not store.has(large)


def test_what_is_read_often_stays(store: Store) -> None:
    often, once = blobs(store, 1.0, 1.0)
    for _ in range(3):
        store.read(often)
    collect(settled(store), 1500)

    assert there(store) == {often}
    assert not store.has(once)


def test_what_was_worth_much_long_ago_ages(store: Store) -> None:
    """What is evicted raises the worth of all that comes later."""
    old = make(store, 0, b"o" * 1000, seconds=5.0).blobs[0]
    for number in range(1, 20):
        make(store, number, b"%02d" % number * 500, seconds=2.0)
        collect(settled(store), 1999)

    assert old not in there(store)


def test_pinned_results_and_contents_stay(store: Store) -> None:
    by_key, by_digest, neither = blobs(store, 1.0, 1.0, 50.0)
    store.pins.add(key_of(0), "mine")
    store.pins.add(by_digest, "")
    freed = collect(settled(store), 0)

    assert there(store) == {by_key, by_digest}
    assert freed.protected == 2000
    assert not store.has(neither)


def test_what_a_living_process_leases_stays_and_what_is_written_meanwhile(store: Store) -> None:
    read_by_it, other = blobs(store, 1.0, 1.0)
    store = settled(store)
    command = [sys.executable, "-c", LEASE, str(store.folder), read_by_it]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        written = put(store, b"written meanwhile")
        collect(store, 0)

        assert there(store) == {read_by_it, written}

        process.send_signal(signal.SIGKILL)
    for path in (store.folder / "leases").iterdir():
        age(path, 3600)
    time.sleep(0.01)
    collect(store, 0)

    assert there(store) == set()
    assert list((store.folder / "leases").iterdir()) == []
    assert not store.has(other)


def test_a_lease_ends_with_its_block(store: Store) -> None:
    (digest,) = blobs(store, 1.0)
    store = settled(store)
    with store.lease([digest]):
        collect(store, 0)

        assert there(store) == {digest}

    collect(store, 0)

    assert there(store) == set()


def test_one_evicts_at_a_time(store: Store) -> None:
    blobs(store, 1.0)
    evictor = store.folder / "locks" / "evictor"
    hold = "import fcntl, sys, time; f = open(sys.argv[1], 'w'); fcntl.flock(f, fcntl.LOCK_EX)\n"
    command = [sys.executable, "-c", hold + "print('held', flush=True); time.sleep(60)"]
    with subprocess.Popen([*command, str(evictor)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()

        assert store.upkeep.collect(0) is None

        process.kill()
    assert store.upkeep.collect(0) is not None


def test_a_run_makes_room_when_it_is_done(tmp_path: Path) -> None:
    store = Store(tmp_path, limit=5000)
    blobs(store, *range(1, 11))
    store = settled(store)

    assert store.limit == 5000
    freed = store.settle()
    assert freed is not None
    assert freed.kept == 4000
    assert store.settle() is None, "there is room now"


def test_a_run_makes_room_while_it_writes_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.store.store._LEAST", 2000)
    store = Store(tmp_path, limit=5000)
    blobs(store, *range(1, 6))
    store = settled(store)
    put(store, b"n" * 1500)
    put(store, b"m" * 1500)

    assert sum(found.st_size for _, found in store.contents) <= 5000


def test_without_a_limit_everything_stays(tmp_path: Path) -> None:
    store = Store(tmp_path, limit=None)
    blobs(store, 1.0, 1.0)
    store = settled(store)

    assert Store(store.folder, limit=None).settle() is None
    assert len(there(store)) == 2


def test_records_nobody_asks_for_go_when_there_are_too_many(store: Store) -> None:
    blobs(store, *[1.0] * 6)
    store.index.flush()
    store.pins.add(key_of(0), "")
    time.sleep(0.01)
    for number in (3, 5):
        store.index.found(key_of(number))
    store.index.flush()
    freed = store.upkeep.collect(10_000, most_records=3)

    assert freed is not None
    left = {number for number in range(6) if store.record(key_of(number))}
    assert {0, 3, 5} <= left
    assert len(left) in (3, 4)  # the pinned one comes on top of the three
    assert freed.records == 6 - len(left)


def test_checkpoints_of_steps_nobody_went_on_with_go_after_a_month(store: Store) -> None:
    for number, op in enumerate((f"{CHECKPOINT}Sample", "Sample")):
        make(store, number, b"x" * 2000, op=op)
        age(store.actions.place(key_of(number)), 31 * 86_400)
    collect(Store(store.folder), 10_000)

    assert store.record(key_of(0)) is None
    assert store.record(key_of(1)) is not None


@settings(max_examples=40, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 3000), min_size=1, max_size=12),
    limit=st.integers(0, 12_000),
    data=st.data(),
)
def test_an_eviction_ends_below_the_limit_or_with_what_is_protected(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], limit: int, data: st.DataObject
) -> None:
    store = Store(tmp_path_factory.mktemp("store"))
    made = [make(store, n, bytes([n]) * size) for n, size in enumerate(sizes)]
    pinned = data.draw(st.sets(st.sampled_from(range(len(sizes)))))
    for number in pinned:
        store.pins.add(key_of(number), "")
    collect(settled(store), limit)
    kept = {digest: found.st_size for digest, found in store.contents}
    safe = {made[number].blobs[0] for number in pinned}

    assert safe <= kept.keys()
    assert sum(kept.values()) <= limit or kept.keys() == safe
    assert all(store.record(record.key) == record for record in made)
