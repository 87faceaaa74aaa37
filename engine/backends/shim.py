"""Stands in for parts that other work brings; deleted when they are there."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.cache import Cache
from engine.errors import Cancelled
from engine.graph import Step
from engine.ports import SCALARS, Facts, OutputPort, Port
from engine.records import Value
from engine.registry import Registry
from engine.workflow import Link

_LOCKS: dict[str, threading.Lock] = {}


def value_type(registry: Registry, name: str) -> type:
    for scalar in SCALARS:
        if scalar.__name__ == name:
            return scalar
    for node in registry:
        ports: list[Port | OutputPort] = [*node.outputs.values(), *node.inputs.values()]
        for port in ports:
            if port.type.__name__ == name:
                return port.type
    raise KeyError(name)


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


def verify(step: Step, settings: Mapping[str, Any], facts: Mapping[Link, Facts]) -> None:
    del step, settings, facts


def output_facts(
    step: Step, settings: Mapping[str, Any], facts: Mapping[Link, Facts], results: Mapping[str, Any]
) -> Mapping[str, Facts]:
    del step, settings, facts
    return {name: {} for name in results}


def add(
    cache: Cache, kind: type, value: Any, warn: Callable[[OSError], None], facts: Facts, hold: bool
) -> Value:
    del facts, hold
    return cache.add(kind, value, warn)


def clear(cache: Cache) -> None:
    del cache
