"""Stands in for parts that other work brings; deleted when they are there."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

from engine.cache import Cache
from engine.errors import Cancelled
from engine.ports import Facts
from engine.records import Value

_LOCKS: dict[str, threading.Lock] = {}


@contextlib.contextmanager
def lock(cache: Cache, key: str, stop: Callable[[], bool]) -> Iterator[None]:
    del cache
    held = _LOCKS.setdefault(key, threading.Lock())
    while not held.acquire(timeout=0.02):
        if stop():
            raise Cancelled
    try:
        yield
    finally:
        held.release()


def add(
    cache: Cache, kind: type, value: Any, warn: Callable[[OSError], None], facts: Facts, hold: bool
) -> Value:
    del facts, hold
    return cache.add(kind, value, warn)


def clear(cache: Cache) -> None:
    del cache
