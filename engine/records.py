"""What the store remembers of one computed step: its outputs, its files, how it came about."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from engine.ports import Facts

Place = Literal["output", "preview"]


@dataclass(frozen=True)
class Value:
    """One output by content: its type name, digest and encoded size in bytes.

    Attributes:
        facts: What is known of the value's type: sizes, channels, where it came from.
        data: The encoded value itself, base64, when it is small enough to travel in its record.
    """

    type: str
    digest: str
    bytes: int
    facts: Facts = field(default_factory=dict, compare=False)
    data: str | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Artifact:
    """A file saved for the user, relative to the output or the preview folder."""

    place: Place
    file: str
    sha256: str


@dataclass(frozen=True)
class Record:
    """The result of one action key. `kept` lists digests of files the step put in the store."""

    key: str
    op: str
    version: int
    outputs: Mapping[str, Value]
    artifacts: tuple[Artifact, ...] = ()
    kept: tuple[str, ...] = ()
    seconds: float = 0.0
    inputs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def blobs(self) -> tuple[str, ...]:
        """Digests the store must hold for this record to be a hit."""
        return (*(value.digest for value in self.outputs.values()), *self.kept)

    def to_bytes(self) -> bytes:
        """Encode as JSON that carries its own checksum."""
        body = {"v": 1, **asdict(self)}
        return json.dumps({**body, "sum": _checksum(body)}, indent=1, sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Record | None:
        """Decode; None when the bytes are not exactly what `to_bytes` wrote."""
        try:
            body = json.loads(data)
            if body.pop("sum") != _checksum(body) or body.pop("v") != 1:
                return None
            outputs = {name: Value(**value) for name, value in body.pop("outputs").items()}
            artifacts = tuple(Artifact(**artifact) for artifact in body.pop("artifacts"))
            kept = tuple(body.pop("kept"))
            return cls(outputs=outputs, artifacts=artifacts, kept=kept, **body)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None


def _checksum(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
