"""How much of anything one server takes, as one table, and turnstiles that count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from engine.server.refusals import RefusedError
from engine.workflow import MAX_BYTES


@dataclass(frozen=True)
class Limits:
    """Bounds of requests; tests lower some of them.

    Attributes:
        document_bytes: Of a JSON body.
        document_values: Of commas and brackets in a JSON body, which bounds what it unfolds to.
        upload_bytes: Of an uploaded picture.
        headers: Of one request.
        patience: Seconds a whole JSON body, or the next part of an upload, may take.
        idle: Seconds a connection may wait with no whole request.
        connections: Open at once.
        at_once: How many requests of a kind are served at the same time.
    """

    document_bytes: int = MAX_BYTES
    document_values: int = 2_000_000
    upload_bytes: int = 2**30
    headers: int = 64
    patience: float = 30.0
    idle: float = 60.0
    connections: int = 512
    at_once: Mapping[str, int] = field(
        default_factory=lambda: {"checks": 8, "uploads": 4, "sockets": 256}
    )


class Turnstiles:
    """Counts who is inside; more than the limit of a kind are refused, not queued."""

    def __init__(self, limits: Mapping[str, int]) -> None:
        self._limits = limits
        self._inside = dict.fromkeys(limits, 0)

    @contextmanager
    def enter(self, kind: str) -> Iterator[None]:
        """Be inside while the block runs.

        Raises:
            RefusedError: 429 when too many are.
        """
        if self._inside[kind] >= self._limits[kind]:
            detail = f"{self._limits[kind]} {kind} are open already; try again when one has ended."
            raise RefusedError("flooded", detail, headers={"Retry-After": "1"})
        self._inside[kind] += 1
        try:
            yield
        finally:
            self._inside[kind] -= 1
