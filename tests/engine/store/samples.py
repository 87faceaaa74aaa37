"""Contents and records to put into a store."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import Any

from engine.records import Record, Value
from engine.store import Store


def key_of(number: int) -> str:
    return hashlib.sha256(f"key {number}".encode()).hexdigest()


def put(store: Store, data: bytes) -> str:
    digest = hashlib.sha256(data).hexdigest()
    store.write(data, digest)
    return digest


def place(store: Store, digest: str) -> Path:
    return store.contents.place(digest)


def make(store: Store, number: int, data: bytes, seconds: float = 1.0, **more: Any) -> Record:
    """Compute a step, so to say: its content and its record."""
    digest = put(store, data)
    outputs = {"words": Value("Words", digest, len(data))}
    body = {"op": "Say", "version": 1, "outputs": outputs, "seconds": seconds, **more}
    record = Record(key=key_of(number), **body)
    store.remember(record)
    return record


def age(path: Path, seconds: float) -> None:
    """Make a file look as if it was last written long ago."""
    then = time.time() - seconds
    os.utime(path, (then, then))


def settled(store: Store) -> Store:
    """Make all contents older than any run of today; return what another process would see."""
    for digest, _ in store.contents:
        age(place(store, digest), 3600)
    store.index.flush()
    return Store(store.folder, store.limit)
