"""P8: whatever happens to the files, a store returns the right bytes or a miss."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from engine.records import Record, Value
from engine.store import Store
from tests.engine.store.samples import age, key_of, place

NUMBERS = st.integers(0, 5)
HANDLES = st.integers(0, 1)


def content(number: int) -> bytes:
    return b"%d" % number * (1100 + 300 * number)


def digest_of(number: int) -> str:
    return hashlib.sha256(content(number)).hexdigest()


def record_of(number: int) -> Record:
    outputs = {"words": Value("Words", digest_of(number), len(content(number)))}
    return Record(key_of(number), "Say", 1, outputs, seconds=float(number))


class AnyOrder(RuleBasedStateMachine):
    """Two handles on one store, and somebody who damages its files."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.stores = [Store(self.folder / "store"), Store(self.folder / "store")]
        self.leases = contextlib.ExitStack()
        self.leased: set[int] = set()

    def teardown(self) -> None:
        self.leases.close()
        shutil.rmtree(self.folder)

    @rule(handle=HANDLES, number=NUMBERS)
    def compute(self, handle: int, number: int) -> None:
        store = self.stores[handle]
        store.write(content(number), digest_of(number))
        store.remember(record_of(number))

        assert store.read(digest_of(number)) == content(number)
        assert store.record(key_of(number)) == record_of(number)

    @rule(handle=HANDLES, number=NUMBERS)
    def read(self, handle: int, number: int) -> None:
        store = self.stores[handle]

        assert store.read(digest_of(number)) in (None, content(number))
        assert store.record(key_of(number)) in (None, record_of(number))
        path = store.path(digest_of(number))
        assert path is None or path.read_bytes() == content(number)
        assert store.has(digest_of(number)) == (path is not None)

    @rule(number=NUMBERS, at=st.integers(0, 2000), value=st.integers(1, 255))
    def flip_a_byte(self, number: int, at: int, value: int) -> None:
        self.damage(number, lambda data: _flipped(data, at, value))

    @rule(number=NUMBERS, size=st.integers(0, 2000))
    def truncate(self, number: int, size: int) -> None:
        self.damage(number, lambda data: data[: min(size, len(data) - 1)])

    @rule(number=NUMBERS, at=st.integers(0, 200), value=st.integers(1, 255))
    def flip_a_byte_of_a_record(self, number: int, at: int, value: int) -> None:
        path = self.stores[0].actions.place(key_of(number))
        if path.exists():
            path.write_bytes(_flipped(path.read_bytes(), at, value))

    @rule(number=NUMBERS)
    def delete_a_record(self, number: int) -> None:
        self.stores[0].actions.place(key_of(number)).unlink(missing_ok=True)

    @rule(number=NUMBERS)
    def delete_a_content(self, number: int) -> None:
        place(self.stores[0], digest_of(number)).unlink(missing_ok=True)
        self.leased.discard(number)

    @rule(rubbish=st.sampled_from([None, b"", b"rubbish" * 100]))
    def break_the_index(self, rubbish: bytes | None) -> None:
        for path in self.folder.glob("store/index.sqlite*"):
            path.unlink()
        if rubbish is not None:
            (self.folder / "store" / "index.sqlite").write_bytes(rubbish)

    @rule(handle=HANDLES, number=NUMBERS)
    def lease(self, handle: int, number: int) -> None:
        store = self.stores[handle]
        self.leases.enter_context(store.lease([digest_of(number)]))
        if store.path(digest_of(number)):
            self.leased.add(number)

    @rule()
    def end_leases(self) -> None:
        self.leases.close()
        self.leased.clear()

    @rule(handle=HANDLES, limit=st.integers(0, 8000), old=st.booleans())
    def evict(self, handle: int, limit: int, old: bool) -> None:
        store = self.stores[handle]
        for digest, _ in store.contents:
            if old:
                age(place(store, digest), 3600)
        freed = store.upkeep.collect(limit)

        assert freed is not None
        assert all(store.has(digest_of(number)) for number in self.leased)
        assert freed.kept <= max(limit, freed.protected)

    @rule()
    def note(self) -> None:
        for store in self.stores:
            store.index.flush()

    @invariant()
    def nothing_lies_about(self) -> None:
        assert list((self.folder / "store" / "tmp").iterdir()) == []

    def damage(self, number: int, how: object) -> None:
        path = place(self.stores[0], digest_of(number))
        if path.exists() and callable(how):
            path.write_bytes(how(path.read_bytes()))
            self.leased.discard(number)


def _flipped(data: bytes, at: int, value: int) -> bytes:
    at %= len(data)
    return data[:at] + bytes([data[at] ^ value]) + data[at + 1 :]


AnyOrder.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestAnyOrder = AnyOrder.TestCase
