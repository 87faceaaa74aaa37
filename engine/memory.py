"""The memory tiers: decoded values by bytes, and loaded resources such as weights."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, TypeVar, cast

T = TypeVar("T")


class Memory:
    """Least recently used values, bounded by the sum of their sizes in bytes."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._used = 0
        self._values: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def used(self) -> int:
        """Bytes held now."""
        return self._used

    def get(self, key: Hashable) -> Any | None:
        """Return the value and mark it as used, or None."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key][0]

    def put(self, key: Hashable, value: Any, nbytes: int) -> None:
        """Hold a value, dropping the least recently used; a value above the budget is not held."""
        with self._lock:
            if key in self._values or nbytes > self._budget:
                return
            self._values[key] = (value, nbytes)
            self._used += nbytes
            while self._used > self._budget:
                _, (_, dropped) = self._values.popitem(last=False)
                self._used -= dropped


    def hold(self, value): return False
    def release(self, value): pass


class Resources:
    """Things expensive to load, at most `capacity` of them; one load per key across threads."""

    def __init__(self, capacity: int = 8) -> None:
        self._capacity = capacity
        self._loaded: OrderedDict[str, Future[Any]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str, load: Callable[[], T]) -> T:
        """Return what `load` made for `key`; a failed load is not remembered."""
        with self._lock:
            mine = key not in self._loaded
            future = self._loaded.setdefault(key, Future())
            self._loaded.move_to_end(key)
            while len(self._loaded) > self._capacity:
                self._loaded.popitem(last=False)
        if mine:
            self._load(key, load, future)
        return cast("T", future.result())

    def _load(self, key: str, load: Callable[[], T], future: Future[T]) -> None:
        try:
            future.set_result(load())
        except BaseException as error:  # noqa: BLE001 - every waiter must hear of it
            with self._lock:
                if self._loaded.get(key) is future:
                    del self._loaded[key]
            future.set_exception(error)
