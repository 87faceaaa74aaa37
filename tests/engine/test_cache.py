from __future__ import annotations

from pathlib import Path

import pytest

from engine.cache import INLINE_BYTES, Cache
from engine.errors import StepError, VanishedError
from engine.memory import Memory, Resources
from engine.records import Record, Value
from engine.results import Results
from engine.store import Store
from tests.engine.store.samples import key_of
from tests.engine.toy_nodes import Words, say

LONG = "many words " * 200


def refuse(error: OSError) -> None:
    raise AssertionError(error)


def cache_in(folder: Path, budget: int = 1_000_000) -> Cache:
    """Return the cache of a new process."""
    store = Store(folder / "store")
    results = Results({"output": folder / "out", "preview": store.preview})
    return Cache(store, results, Memory(budget), Resources())


def contents(cache: Cache) -> int:
    return len(list(cache.store.contents))


def test_a_small_value_travels_in_its_record_and_needs_no_file(tmp_path: Path) -> None:
    value = cache_in(tmp_path).add(Words, Words("hello"), refuse)
    fresh = cache_in(tmp_path)

    assert contents(fresh) == 0
    assert fresh.readable(value)
    assert fresh.load(value, Words).text == "hello"


@pytest.mark.parametrize(("size", "files"), [(INLINE_BYTES, 0), (INLINE_BYTES + 1, 1)])
def test_the_border_between_small_and_large_is_a_number_of_bytes(
    tmp_path: Path, size: int, files: int
) -> None:
    cache = cache_in(tmp_path)
    overhead = len(Words("").to_bytes())
    value = cache.add(Words, Words("x" * (size - overhead)), refuse)

    assert value.bytes == size
    assert contents(cache) == files
    assert (value.data is None) == bool(files)
    assert cache_in(tmp_path).load(value, Words).text == "x" * (size - overhead)


@pytest.mark.parametrize("number", [0, 3, -7, 2.5, True, "text"])
def test_numbers_and_texts_come_back_with_their_type(tmp_path: Path, number: object) -> None:
    value = cache_in(tmp_path).add(type(number), number, refuse)
    loaded = cache_in(tmp_path).load(value, type(number))

    assert (type(loaded), loaded) == (type(number), number)


def test_a_large_value_that_vanished_is_told_by_its_digest(tmp_path: Path) -> None:
    value = cache_in(tmp_path).add(Words, Words(LONG), refuse)
    fresh = cache_in(tmp_path)
    assert fresh.readable(value)
    fresh.store.contents.place(value.digest).unlink()

    assert not fresh.readable(value)
    with pytest.raises(VanishedError, match="vanished or was damaged") as told:
        fresh.load(value, Words)
    assert told.value.digest == value.digest


def test_a_value_in_memory_is_readable_whatever_happened_to_its_file(tmp_path: Path) -> None:
    cache = cache_in(tmp_path)
    words = Words(LONG)
    value = cache.add(Words, words, refuse)
    cache.store.contents.place(value.digest).unlink()

    assert cache.readable(value)
    assert cache.load(value, Words) is words


def test_a_held_value_needs_no_budget(tmp_path: Path) -> None:
    cache = cache_in(tmp_path, budget=0)
    value = cache.add(Words, Words(LONG), refuse, hold=True)
    cache.store.contents.place(value.digest).unlink()

    assert cache.load(value, Words).text == LONG

    cache.memory.release(value)

    assert not cache.readable(value)


def test_facts_stay_with_the_value_and_do_not_change_what_it_is(tmp_path: Path) -> None:
    cache = cache_in(tmp_path)
    plain = cache.add(Words, Words("hello"), refuse)
    known = cache.add(Words, Words("hello"), refuse, {"n": 5})

    assert plain == known
    assert (dict(plain.facts), dict(known.facts)) == ({}, {"n": 5})


def test_a_store_that_takes_nothing_costs_only_the_reuse(tmp_path: Path) -> None:
    cache = cache_in(tmp_path)
    (cache.store.folder / "cas").rename(tmp_path / "elsewhere")
    (cache.store.folder / "cas").write_bytes(b"")
    told: list[OSError] = []
    value = cache.add(Words, Words(LONG), told.append)

    assert len(told) == 1
    assert cache.load(value, Words).text == LONG
    assert not cache_in_same(cache).readable(value)


def cache_in_same(cache: Cache) -> Cache:
    return Cache(cache.store, cache.results, Memory(0), Resources())


def test_a_stored_value_of_another_shape_is_told_in_a_sentence(tmp_path: Path) -> None:
    cache = cache_in(tmp_path)
    digest = "ab" * 32
    value = Value("Words", digest, 3, {}, data="////")

    with pytest.raises(StepError, match=r"a stored Words cannot be read .* --no-cache"):
        cache.load(value, Words)


def test_a_record_is_found_though_its_contents_are_gone(tmp_path: Path) -> None:
    cache = cache_in(tmp_path)
    value = cache.add(Words, Words(LONG), refuse)
    cache.store.remember(Record(key_of(1), say.name, say.version, {"words": value}))
    cache.store.contents.place(value.digest).unlink()

    assert cache_in(tmp_path).find(say, key_of(1)).record is not None
    assert cache_in(tmp_path).find(say, key_of(2)).record is None


def test_a_record_with_other_outputs_than_the_node_declares_is_none(tmp_path: Path) -> None:
    cache = cache_in(tmp_path)
    value = cache.add(int, 3, refuse)
    for number, name in enumerate(("words", "int")):
        cache.store.remember(Record(key_of(number), say.name, say.version, {name: value}))

        assert cache.find(say, key_of(number)).record is None
