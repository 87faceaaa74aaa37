"""Progress inside a step as a hash chain: what was consumed so far names the state it led to.

    c[0]     = digest of everything the step depends on, the consumed input excepted, and `start`
    c[i + 1] = digest of c[i] and link i

Neither the number of links nor the last one is in it: a run that goes further, or ends elsewhere,
shares the beginning. Checkpoints are ordinary results in the store, under these keys, so a damaged
one is a miss, and they are evicted and verified like any other.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.canon import digest
from engine.records import Record, Value
from engine.store import Store

_OUTPUT = "state"
_KEPT = 2  # the end, and the state before it: a walk that goes on leaves before the last link


def chain_keys(
    described: Mapping[str, Any], without: str, start: Mapping[str, Any], links: Sequence[Any]
) -> list[str]:
    """Return c[1], c[2], ...: the keys of the state after each link.

    Args:
        described: What the step computes from (`keys.described_inputs`).
        without: Name of the input that is consumed link by link.
        start: Plain values that stand for its beginning.
        links: Plain values, one per link.
    """
    rest = {
        part: {name: value for name, value in described[part].items() if name != without}
        for part in ("settings", "inputs")
    }
    key = digest({"chain": 1, **described, **rest, "start": dict(start)})
    keys = []
    for link in links:
        key = digest([key, link])
        keys.append(key)
    return keys


@dataclass
class StepChain:
    """The checkpoints of one step; the implementation of `engine.node.Chain`.

    Attributes:
        store: Where they are kept.
        node: Name and version of the step's node.
        keys: The key of the state after each link.
        reading: Whether an earlier run's checkpoints may be used.
        seconds: Of work worth a checkpoint.
    """

    store: Store
    node: tuple[str, int]
    keys: Sequence[str]
    reading: bool = True
    seconds: float = 1.0
    _offer: tuple[int, Callable[[], bytes]] | None = None
    _kept: list[int] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)
    _written: float = field(default_factory=time.monotonic)

    def resume(self) -> tuple[int, bytes] | None:
        """Return (n, data) of the furthest checkpoint that can be read."""
        if not self.reading:
            return None
        for done in range(len(self.keys), 0, -1):
            record = self.store.record(self.keys[done - 1])
            data = self.store.read(record.outputs[_OUTPUT].digest) if record else None
            if data is not None:
                self._kept.append(done)
                return done, data
        return None

    def checkpoint(self, done: int, data: Callable[[], bytes]) -> None:
        """Keep the state after `done` links: after some seconds of work, and the last two."""
        self._offer = (done, data)
        worth = time.monotonic() - self._written >= self.seconds
        if worth or done > len(self.keys) - _KEPT:
            self.flush()

    def flush(self) -> None:
        """Keep the newest state that was offered; a store that cannot be written keeps none."""
        if self._offer is None:
            return
        (done, data), self._offer = self._offer, None
        with contextlib.suppress(OSError):
            self._write(done, data())
            self._written = time.monotonic()
            self._kept.append(done)
            while len(self._kept) > _KEPT:
                self._drop(self._kept.pop(0))

    def _write(self, done: int, data: bytes) -> None:
        name, version = self.node
        value = Value("bytes", hashlib.sha256(data).hexdigest(), len(data))
        self.store.write(data, value.digest)
        self.store.remember(
            Record(
                key=self.keys[done - 1],
                op=f"checkpoint of {name}",
                version=version,
                outputs={_OUTPUT: value},
                seconds=round(time.monotonic() - self._began, 4),
            )
        )

    def _drop(self, done: int) -> None:
        if record := self.store.record(self.keys[done - 1]):
            self.store.actions.remove(record.key)
            self.store.contents.remove(record.outputs[_OUTPUT].digest, time.time())
