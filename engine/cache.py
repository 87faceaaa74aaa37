"""The two tiers as one: what is known about a key, and the values themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine import reasons
from engine.codec import decode, encode, size
from engine.errors import StepError
from engine.memory import Memory, Resources
from engine.records import Record, Value
from engine.registry import AnyNode
from engine.results import Results
from engine.store import Store


@dataclass(frozen=True)
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
        """Look a key up; a record counts only if everything it promises is still there."""
        if not self.reading:
            return Found(None, reasons.UNREAD)
        record = self.store.record(key)
        if record is None or not _describes(record, node):
            return Found(None, reasons.NEVER)
        for artifact in record.artifacts:
            if not self.results.intact(artifact, self.store.digest_of):
                return Found(None, reasons.file_damaged(self.results.path(artifact)))
        return Found(record, reasons.STORED)

    def readable(self, value):
        return self.memory.get(value) is not None or self.store.has(value.digest)

    def load(self, value: Value, value_type: type) -> Any:
        """Return a value from memory, else from the store.

        Raises:
            StepError: When it has vanished or cannot be decoded.
        """
        held = self.memory.get(value)
        if held is not None:
            return held
        data = self.store.read(value.digest)
        if data is None:
            raise StepError("a stored input vanished or was damaged meanwhile; run again")
        try:
            loaded = decode(value_type, data)
        except Exception as error:
            message = f"a stored {value.type} cannot be read ({error}); run with --no-cache"
            raise StepError(message) from error
        self.memory.put(value, loaded, size(loaded))
        return loaded

    def add(self, value_type: type, value: Any, warn: Callable[[OSError], None]) -> Value:
        """Take a fresh value into both tiers; a disk that is full only costs the reuse."""
        data = encode(value_type, value)
        digest = hashlib.sha256(data).hexdigest()
        try:
            self.store.write(data, digest)
        except OSError as error:
            warn(error)
        stored = Value(value_type.__name__, digest, len(data))
        self.memory.put(stored, value, size(value))
        return stored


def _describes(record: Record, node: AnyNode) -> bool:
    """Tell whether a record holds exactly the outputs the node declares today."""
    return record.outputs.keys() == node.outputs.keys() and all(
        output.variable or record.outputs[name].type == output.type_name
        for name, output in node.outputs.items()
    )
