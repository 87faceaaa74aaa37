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
