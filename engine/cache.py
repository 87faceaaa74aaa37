"""The two tiers as one: what is known about a key, and the values themselves."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine import reasons
from engine.codec import decode, encode, size
from engine.errors import StepError, VanishedError
from engine.memory import Memory, Resources
from engine.ports import NO_FACTS, Facts
from engine.records import Record, Value
from engine.registry import AnyNode
from engine.results import Results
from engine.store import Store

INLINE_BYTES = 1024
"""A value up to this size travels in its record, and has no file of its own."""


@dataclass(frozen=True, slots=True)
class Found:
    """A record that can be used as it is, or the reason why there is none."""

    record: Record | None
    reason: str


@dataclass(frozen=True)
class Cache:
    """Store, memory, loaded resources and result folders of one process."""

    store: Store
    results: Results
    memory: Memory
    resources: Resources
    reading: bool = True

    def find(self, node: AnyNode, key: str) -> Found:
        """Look a key up; contents may have gone, but files saved for the user must be there."""
        if not self.reading:
            return Found(None, reasons.UNREAD)
        record = self.store.record(key)
        if record is None or not _describes(record, node):
            return Found(None, reasons.NEVER)
        for artifact in record.artifacts:
            if not self.results.intact(artifact, self.store.digest_of):
                return Found(None, reasons.file_damaged(self.results.path(artifact)))
        self.store.index.found(key)
        return Found(record, reasons.STORED)

    def readable(self, value: Value) -> bool:
        """Tell whether a value can be read now, from memory or from the store."""
        inside = value.data is not None or self.memory.has(value)
        return inside or self.store.has(value.digest)

    def load(self, value: Value, value_type: type) -> Any:
        """Return a value from memory, else from the store.

        Raises:
            VanishedError: When it is in neither.
            StepError: When it cannot be decoded.
        """
        if value.data is not None:  # nothing is quicker than to decode it
            return _decoded(value, value_type, base64.b64decode(value.data))
        held = self.memory.get(value)
        if held is not None:
            return held
        data = self.store.read(value.digest)
        if data is None:
            message = f"a stored {value.type} vanished or was damaged meanwhile; run again"
            raise VanishedError(message, value.digest)
        loaded = _decoded(value, value_type, data)
        self.memory.put(value, loaded, size(loaded))
        return loaded

    def add(
        self,
        value_type: type,
        value: Any,
        warn: Callable[[OSError], None],
        facts: Facts = NO_FACTS,
        *,
        hold: bool = False,
        seconds: float = 0.0,
    ) -> Value:
        """Take a fresh value into both tiers; a disk that is full only costs the reuse.

        Args:
            value_type: Its declared type.
            value: The value.
            warn: Told when the store cannot take it.
            facts: What is known of its type.
            hold: Hold it in memory until it is released.
            seconds: What it cost to make.
        """
        data = encode(value_type, value)
        name, digest = value_type.__name__, hashlib.sha256(data).hexdigest()
        if len(data) <= INLINE_BYTES:
            return Value(name, digest, len(data), dict(facts), base64.b64encode(data).decode())
        try:
            self.store.write(data, digest)
        except OSError as error:
            warn(error)
        stored = Value(name, digest, len(data), dict(facts))
        self.memory.put(stored, value, size(value), seconds, hold=hold)
        return stored


def _decoded(value: Value, value_type: type, data: bytes) -> Any:
    try:
        return decode(value_type, data)
    except Exception as error:
        message = f"a stored {value.type} cannot be read ({error}); run with --no-cache"
        raise StepError(message) from error


def _describes(record: Record, node: AnyNode) -> bool:
    """Tell whether a record holds exactly the outputs the node declares today."""
    return record.outputs.keys() == node.outputs.keys() and all(
        output.variable or record.outputs[name].type == output.type_name
        for name, output in node.outputs.items()
    )
