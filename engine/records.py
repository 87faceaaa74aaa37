"""What the store remembers of one computed step: its outputs, its files, how it came about."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from engine.ports import Facts

Place = Literal["output", "preview"]
CHECKPOINT = "checkpoint of "
"""How the node types of records begin that only serve to go on with an unfinished step."""


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file saved for the user, relative to the output or the preview folder."""

    place: Place
    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Record:
    """The result of one action key.

    `kept` lists digests of files the step put in the store; `by` says who computed it
    (`maker.maker_of`), empty in records of earlier versions.
    """

    key: str
    op: str
    version: int
    outputs: Mapping[str, Value]
    artifacts: tuple[Artifact, ...] = ()
    kept: tuple[str, ...] = ()
    seconds: float = 0.0
    inputs: Mapping[str, Any] = field(default_factory=dict)
    by: Mapping[str, Any] = field(default_factory=dict)

    @property
    def blobs(self) -> tuple[str, ...]:
        """Digests of the contents this result is made of, those inside the record excepted."""
        return (*(v.digest for v in self.outputs.values() if v.data is None), *self.kept)

    def says_the_same(self, other: Record) -> bool:
        """Tell whether two records of one key name the same results."""
        return (self.outputs, self.artifacts, self.kept) == (
            other.outputs,
            other.artifacts,
            other.kept,
        )

    def to_bytes(self) -> bytes:
        """Encode: a line with the sha256 of the rest, then JSON."""
        body = _ENCODER.encode({"v": 2, **_plain(self)}).encode()
        return hashlib.sha256(body).hexdigest().encode() + b"\n" + body

    @classmethod
    def from_bytes(cls, data: bytes) -> Record | None:
        """Decode; None when the bytes are not exactly what `to_bytes` wrote."""
        checksum, _, text = data.partition(b"\n")
        if hashlib.sha256(text).hexdigest().encode() != checksum:
            return None
        try:
            body = json.loads(text)
            if body.pop("v") != 2:
                return None
            outputs = {name: Value(**value) for name, value in body.pop("outputs").items()}
            artifacts = tuple(Artifact(**artifact) for artifact in body.pop("artifacts"))
            kept = tuple(body.pop("kept"))
            return cls(outputs=outputs, artifacts=artifacts, kept=kept, **body)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None

    @staticmethod
    def is_older(data: bytes) -> bool:
        """Tell whether these are the bytes of a record as an earlier version wrote them."""
        return data.startswith(b"{")


def _plain(data: Any) -> dict[str, Any]:
    """The fields of a dataclass, without the deep copies of `asdict`."""
    return {name: getattr(data, name) for name in type(data).__dataclass_fields__}


_ENCODER = json.JSONEncoder(separators=(",", ":"), default=_plain)
