"""Progress inside a step as a hash chain: what was consumed so far names the state it led to.

    c[0]     = digest of everything the step depends on, the consumed input excepted, and `start`
    c[i + 1] = digest of c[i] and link i

Neither the number of links nor the last one is in it: a run that goes further, or ends elsewhere,
shares the beginning. Checkpoints are ordinary results in the store, under these keys, so a damaged
one is a miss, and they are evicted and verified like any other.

The last two states of a finished walk stay: the end, and the one that a walk with another last link
leaves it at. States further back only serve to go on after an interruption; of them the newest two
stay, until the walk is finished.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.canon import digest
from engine.records import CHECKPOINT, Record, Value
from engine.store import Store

_OUTPUT = "state"
_KEPT = 2


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
    _passing: set[int] = field(default_factory=set)  # kept, to be dropped when the walk is further
    _began: float = field(default_factory=time.monotonic)
    _written: float = field(default_factory=time.monotonic)

    def resume(self) -> tuple[int, bytes] | None:
        """Return (n, data) of the furthest checkpoint that can be read."""
        found = None
        for done in range(len(self.keys), 0, -1) if self.reading else ():
            record = self.store.record(self.keys[done - 1])
            if record is None:
                continue
            if found is None:
                data = self.store.read(record.outputs[_OUTPUT].digest)
                if data is None:
                    continue
                found = done, data
                self._began -= record.seconds  # what it took to get here counts as well
                self.store.index.found(record.key)
            if not _is_end(record):
                self._passing.add(done)
        return found

    def checkpoint(self, done: int, data: Callable[[], bytes]) -> None:
        """Keep the state after `done` links: after some seconds of work, and the last two."""
        self._offer = (done, data)
        worth = time.monotonic() - self._written >= self.seconds
        if worth or self._is_end(done):
            self.flush()

    def flush(self) -> None:
        """Keep the newest state that was offered; a store that cannot be written keeps none."""
        if self._offer is None:
            return
        (done, data), self._offer = self._offer, None
        with contextlib.suppress(OSError):
            self._write(done, data())
            self._written = time.monotonic()
            self._drop_passed(done)

    def _is_end(self, done: int) -> bool:
        return done > len(self.keys) - _KEPT

    def _write(self, done: int, data: bytes) -> None:
        name, version = self.node
        value = Value("bytes", hashlib.sha256(data).hexdigest(), len(data))
        self.store.write(data, value.digest)
        self.store.remember(
            Record(
                key=self.keys[done - 1],
                op=f"{CHECKPOINT}{name}",
                version=version,
                outputs={_OUTPUT: value},
                seconds=round(time.monotonic() - self._began, 4),
                inputs={"settings": {"done": done, "end": self._is_end(done)}},
            )
        )

    def _drop_passed(self, done: int) -> None:
        """Leave two states to go on from; none but the ends when the walk is finished."""
        if not self._is_end(done):
            self._passing.add(done)
        room = _KEPT if done < len(self.keys) else 0
        while len(self._passing) > room:
            passed = min(self._passing)
            self._passing.remove(passed)
            record = self.store.record(self.keys[passed - 1])
            if record and not _is_end(record):
                self.store.forget(record)


def _is_end(record: Record) -> bool:
    """Tell whether a walk, perhaps another one, ended here or one link further."""
    return bool(record.inputs["settings"]["end"])
