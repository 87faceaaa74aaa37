from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.memory import Memory, Resources


def test_the_least_recently_used_value_goes_first() -> None:
    memory = Memory(10)
    memory.put("a", 1, 4)
    memory.put("b", 2, 4)
    memory.get("a")
    memory.put("c", 3, 4)

    assert (memory.get("a"), memory.get("b"), memory.get("c")) == (1, None, 3)


def test_a_value_above_the_budget_is_not_held() -> None:
    memory = Memory(10)
    memory.put("a", 1, 4)
    memory.put("huge", 2, 11)

    assert (memory.get("a"), memory.get("huge")) == (1, None)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 30))))
def test_the_budget_is_never_exceeded(puts: list[tuple[int, int]]) -> None:
    memory = Memory(50)
    for key, nbytes in puts:
        memory.put(key, key, nbytes)

        assert 0 <= memory.used <= 50


def test_a_resource_is_loaded_once_even_by_many_threads() -> None:
    resources = Resources()
    loads: list[int] = []

    def load() -> str:
        loads.append(1)
        time.sleep(0.05)
        return "weights"

    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda _: resources.get("unet", load), range(8)))

    assert got == ["weights"] * 8
    assert len(loads) == 1


def test_a_failed_load_is_told_to_every_waiter_and_tried_again() -> None:
    resources = Resources()
    begun = threading.Event()

    def fail() -> str:
        begun.wait(5)
        raise ValueError("no such file")

    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(resources.get, "unet", fail) for _ in range(2)]
        begun.set()
        for future in waiting:
            with pytest.raises(ValueError, match="no such file"):
                future.result()

    assert resources.get("unet", lambda: "weights") == "weights"


def test_only_so_many_resources_are_held() -> None:
    resources = Resources(capacity=2)
    loads: list[str] = []
    for key in ("a", "b", "a", "c", "a", "b"):
        resources.get(key, lambda key=key: loads.append(key))  # type: ignore[misc]

    assert loads == ["a", "b", "c", "b"]


def test_what_is_read_often_stays_before_what_is_read_once() -> None:
    memory = Memory(10)
    memory.put("often", 1, 4)
    memory.put("once", 2, 4)
    for _ in range(5):
        memory.get("often")
    memory.get("once")
    for number in range(3):
        memory.put(number, number, 4)

    assert memory.has("often")
    assert not memory.has("once")


def test_what_is_quick_to_compute_again_goes_before_what_must_be_read_again() -> None:
    memory = Memory(10)
    memory.put("slow", 1, 4, seconds=100.0)
    memory.put("quick", 2, 4, seconds=1e-9)
    memory.put("new", 3, 4)

    assert (memory.has("slow"), memory.has("quick"), memory.has("new")) == (True, False, True)


def test_what_nobody_reads_any_more_ages() -> None:
    memory = Memory(10)
    memory.put("old", 1, 4)
    for _ in range(3):
        memory.get("old")
    for number in range(40):
        memory.put(number, number, 4)

    assert not memory.has("old")


def test_what_is_held_stays_whatever_the_budget_until_the_last_holder_lets_go() -> None:
    memory = Memory(10)
    memory.put("held", 1, 30, hold=True)
    assert memory.hold("held")
    memory.put("other", 2, 4)

    assert memory.get("held") == 1
    assert not memory.has("other"), "there is no room beside it"

    memory.release("held")
    memory.clear()
    assert memory.get("held") == 1

    memory.release("held")
    assert not memory.has("held")
    assert memory.used == 0


def test_holding_what_is_not_there_is_told() -> None:
    memory = Memory(10)

    assert not memory.hold("nothing")
    memory.release("nothing")


def test_clearing_drops_all_that_nobody_holds() -> None:
    memory = Memory(10)
    memory.put("held", 1, 4, hold=True)
    memory.put("free", 2, 4)
    memory.clear()

    assert (memory.has("held"), memory.has("free"), memory.used) == (True, False, 4)


@given(st.lists(st.tuples(st.sampled_from(["put", "hold", "get", "hold it", "release", "clear"]),
                          st.integers(0, 5), st.integers(0, 30)), max_size=150))  # fmt: skip
def test_memory_holds_exactly_what_is_held_and_what_there_is_room_for(
    acts: list[tuple[str, int, int]],
) -> None:
    memory, holders = Memory(50), dict.fromkeys(range(6), 0)
    sizes: dict[int, int] = {}
    for act, key, nbytes in acts:
        if act in ("put", "hold"):
            sizes = {k: size for k, size in sizes.items() if memory.has(k)}
            sizes.setdefault(key, nbytes)
            memory.put(key, key, nbytes, hold=act == "hold")
            holders[key] += act == "hold"
        elif act == "get":
            assert memory.get(key) in (None, key)
        elif act == "hold it":
            holders[key] += memory.hold(key)
        elif act == "release":
            memory.release(key)
            holders[key] = max(holders[key] - 1, 0)
        else:
            memory.clear()
        held = sum(sizes[k] for k in holders if holders[k])

        assert all(memory.has(k) for k in holders if holders[k])
        assert memory.used == sum(sizes[k] for k in sizes if memory.has(k))
        assert memory.used <= max(50, held)


class Weights:
    def __init__(self, nbytes: int) -> None:
        self.nbytes = nbytes


def test_resources_are_held_up_to_a_number_of_bytes() -> None:
    resources = Resources(budget=100)
    loads: list[str] = []

    def load(key: str, nbytes: int) -> Weights:
        def now() -> Weights:
            loads.append(key)
            return Weights(nbytes)

        return resources.get(key, now)

    in_use = load("a", 60)
    load("b", 30)
    load("c", 30)  # a has to go, and whoever uses it keeps it
    load("b", 30)
    load("huge", 500)  # alone it may stay: there is a use for it now
    load("huge", 500)

    assert loads == ["a", "b", "c", "huge"]
    assert in_use.nbytes == 60


def test_resources_can_be_cleared() -> None:
    resources = Resources()
    first = resources.get("a", lambda: [1])
    resources.clear()

    assert resources.get("a", lambda: [2]) == [2]
    assert first == [1]
