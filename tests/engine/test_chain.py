from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.chain import StepChain, chain_keys
from engine.store import Store

DESCRIBED: dict[str, Any] = {
    "op": "Walk",
    "version": 1,
    "settings": {"seed": 3, "levels": 5},
    "inputs": {"model": ["Model", "a" * 64], "way": ["Way", "b" * 64]},
}
START = {"from": 9.0}
LINKS = [[9.0, 5.0], [5.0, 2.0], [2.0, 0.0]]
quick = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def keys(links: list[Any] | None = None, **changes: Any) -> list[str]:
    return chain_keys({**DESCRIBED, **changes}, "way", START, LINKS if links is None else links)


def chain(store: Store, names: list[str] | None = None, **more: Any) -> StepChain:
    return StepChain(store, ("Walk", 1), names or keys(), **more)


def state(text: str) -> Callable[[], bytes]:
    return text.encode


def checkpoints(store: Store) -> int:
    return len(list(store.actions))


@quick
@given(
    st.lists(st.floats(0.1, 20), min_size=1, max_size=8),
    st.lists(st.floats(0.1, 20), min_size=1, max_size=8),
)
def test_two_walks_share_exactly_the_links_they_begin_with(
    one: list[float], other: list[float]
) -> None:
    common = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    common = min(len(one), len(other)) if common is None else common
    first, second = keys(list(one)), keys(list(other))

    assert first[:common] == second[:common]
    assert not set(first[common:]) & set(second[common:])


def test_what_the_step_is_made_of_is_in_every_link_but_not_what_is_consumed() -> None:
    other_model = {**DESCRIBED["inputs"], "model": ["Model", "c" * 64]}
    other_way = {**DESCRIBED["inputs"], "way": ["Way", "c" * 64]}

    assert not set(keys()) & set(keys(inputs=other_model))
    assert not set(keys()) & set(keys(version=2))
    assert not set(keys()) & set(keys(settings={**DESCRIBED["settings"], "seed": 4}))
    assert keys() == keys(inputs=other_way)


def test_without_a_checkpoint_there_is_nothing_to_resume(store: Store) -> None:
    assert chain(store).resume() is None


def test_the_furthest_checkpoint_is_resumed(store: Store) -> None:
    first = chain(store, seconds=0)
    first.checkpoint(1, state("one"))
    first.checkpoint(2, state("two"))

    assert chain(store).resume() == (2, b"two")


def test_a_state_is_kept_only_after_some_seconds_of_work(store: Store) -> None:
    long = keys([[n, n - 1] for n in range(10, 0, -1)])
    walk = chain(store, long, seconds=1000)
    walk.checkpoint(1, state("one"))

    assert chain(store, long).resume() is None

    walk.flush()

    assert chain(store, long).resume() == (1, b"one")


def test_a_state_that_is_not_kept_is_not_even_encoded(store: Store) -> None:
    def never() -> bytes:
        raise AssertionError("encoded")

    chain(store, keys([[n, n - 1] for n in range(10, 0, -1)])).checkpoint(1, never)


def test_the_last_two_states_are_always_kept_and_no_more(store: Store) -> None:
    walk = chain(store, seconds=0)
    for done in (1, 2, 3):
        walk.checkpoint(done, state(str(done)))

    assert checkpoints(store) == 2
    assert chain(store, keys([*LINKS[:2], [2.0, 1.0], [1.0, 0.0]])).resume() == (2, b"2")


def test_a_damaged_checkpoint_gives_way_to_the_one_before(store: Store) -> None:
    walk = chain(store, seconds=0)
    walk.checkpoint(2, state("two"))
    walk.checkpoint(3, state("three"))
    record = store.record(keys()[2])
    assert record
    store.contents.place(record.outputs["state"].digest).write_bytes(b"damaged")

    assert chain(Store(store.folder)).resume() == (2, b"two")


def test_nothing_is_resumed_when_the_cache_is_not_read(store: Store) -> None:
    chain(store, seconds=0).checkpoint(1, state("one"))

    assert chain(store, reading=False).resume() is None


def test_a_store_that_cannot_be_written_keeps_no_checkpoint(store: Store) -> None:
    (store.folder / "cas").rmdir()
    (store.folder / "cas").write_text("in the way")
    chain(store, seconds=0).checkpoint(1, state("one"))

    assert chain(store).resume() is None
