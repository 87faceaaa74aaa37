"""The memory tiers: decoded values and loaded resources, both bounded by bytes."""

from __future__ import annotations

import heapq
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar, cast

T = TypeVar("T")

_RELOAD_SECONDS, _BYTES_PER_SECOND = 1e-4, 1e9  # what reading a value from disk costs, roughly


@dataclass
class _Held:
    """A value in memory: what dropping it would cost, and who needs it now."""

    value: Any
    nbytes: int
    seconds: float
    priority: float
    uses: int = 0
    holders: int = 0


class Memory:
    """Values by identity; beyond the budget the least worth keeping is dropped.

    Worth = L + uses * seconds / bytes, as on disk, with the seconds it takes to have the value
    again. What a run holds is never dropped, whatever the budget.

    Args:
        budget: Bytes.
    """

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._used = 0
        self._level = 0.0  # the L of GreedyDual
        self._values: dict[Hashable, _Held] = {}
        self._queue: list[tuple[float, int, Hashable]] = []  # may name what has changed since
        self._count = 0
        self._lock = threading.Lock()

    @property
    def used(self) -> int:
        """Bytes in memory now."""
        return self._used

    def has(self, key: Hashable) -> bool:
        """Tell whether a value is in memory."""
        return key in self._values

    def get(self, key: Hashable) -> Any | None:
        """Return the value and count the use, or None."""
        with self._lock:
            held = self._values.get(key)
            if held is None:
                return None
            held.uses += 1
            self._rank(key, held)
            return held.value

    def put(
        self,
        key: Hashable,
        value: Any,
        nbytes: int,
        seconds: float = 0.0,
        *,
        hold: bool = False,
    ) -> None:
        """Take a value in.

        Args:
            key: Its identity.
            value: The value.
            nbytes: Its size in memory.
            seconds: What it takes to compute again; 0 when it can only be read again.
            hold: Hold it at once, as `hold` does.
        """
        with self._lock:
            held = self._values.get(key)
            if held is None and (hold or nbytes <= self._budget):
                reload = _RELOAD_SECONDS + nbytes / _BYTES_PER_SECOND
                cost = min(seconds, reload) if seconds else reload
                held = self._values[key] = _Held(value, nbytes, cost, 0.0)
                self._used += nbytes
                self._rank(key, held)
            if held is not None and hold:
                held.holders += 1
            self._shrink()

    def hold(self, key: Hashable) -> bool:
        """Keep a value until it is released; False when it is not in memory."""
        with self._lock:
            held = self._values.get(key)
            if held is not None:
                held.holders += 1
            return held is not None

    def release(self, key: Hashable) -> None:
        """Let go of a value once held; it may stay for as long as there is room."""
        with self._lock:
            held = self._values.get(key)
            if held is not None and held.holders:
                held.holders -= 1
                self._rank(key, held)
                self._shrink()

    def clear(self) -> None:
        """Drop everything that nobody holds."""
        with self._lock:
            self._values = {key: held for key, held in self._values.items() if held.holders}
            self._used = sum(held.nbytes for held in self._values.values())
            self._queue.clear()
            for key, held in self._values.items():
                self._rank(key, held)

    def _rank(self, key: Hashable, held: _Held) -> None:
        held.priority = self._level + (held.uses + 1) * held.seconds / max(held.nbytes, 1)
        self._count += 1
        heapq.heappush(self._queue, (held.priority, self._count, key))
        if len(self._queue) > 4 * len(self._values) + 64:
            live = [(held.priority, n, key) for n, (key, held) in enumerate(self._values.items())]
            heapq.heapify(live)
            self._queue = live

    def _shrink(self) -> None:
        while self._used > self._budget and self._queue:
            priority, _, key = heapq.heappop(self._queue)
            held = self._values.get(key)
            if held is None or held.holders or held.priority != priority:
                continue  # a held value is ranked again when it is released
            self._level = priority
            self._used -= held.nbytes
            del self._values[key]


class Resources:
    """Things expensive to load, such as weights; one load per key across threads.

    Args:
        budget: Bytes, counted by the `nbytes` of what was loaded; the least recently used goes.
        capacity: How many at most, for those that do not tell their size.
    """

    def __init__(self, budget: int = 8_000_000_000, capacity: int = 32) -> None:
        self._budget = budget
        self._capacity = capacity
        self._loaded: OrderedDict[str, Future[Any]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str, load: Callable[[], T]) -> T:
        """Return what `load` made for `key`; a failed load is not remembered."""
        with self._lock:
            mine = key not in self._loaded
            future = self._loaded.setdefault(key, Future())
            self._loaded.move_to_end(key)
        if mine:
            self._load(key, load, future)
            self._shrink()
        return cast("T", future.result())

    def clear(self) -> None:
        """Forget everything; who uses a thing now keeps it until done."""
        with self._lock:
            self._loaded.clear()

    def _load(self, key: str, load: Callable[[], T], future: Future[T]) -> None:
        try:
            future.set_result(load())
        except BaseException as error:  # noqa: BLE001 - every waiter must hear of it
            with self._lock:
                if self._loaded.get(key) is future:
                    del self._loaded[key]
            future.set_exception(error)

    def _shrink(self) -> None:
        with self._lock:
            while len(self._loaded) > 1 and (
                len(self._loaded) > self._capacity or self._bytes() > self._budget
            ):
                self._loaded.popitem(last=False)

    def _bytes(self) -> int:
        ready = (f.result() for f in self._loaded.values() if f.done() and not f.exception())
        return sum(int(getattr(thing, "nbytes", 0)) for thing in ready)
