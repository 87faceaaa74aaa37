"""What happens in all runs, for every browser that looks: encoded once, replayed from a ring.

One sequence numbers everything since the server started (the epoch), so a client that lost its
connection names the last number it has seen. When what came after it is still there, it is sent
again; else the client gets a snapshot, the truth as it is now. A slow client holds nothing up:
frames are taken when it can take them, and what was overtaken meanwhile is gone.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

_PASSING = ("step-progress", "step-preview")
_STEP_ENDINGS = ("step-done", "step-failed", "step-skipped")
_RUN_ENDINGS = ("run-done", "run-ended")
CAPACITY = 10_000
_ENCODER = json.JSONEncoder(allow_nan=False, separators=(",", ":"))


@dataclass(frozen=True)
class Frame:
    """One message as it goes over the wire: text, or bytes of a preview."""

    seq: int
    run: str
    payload: str | bytes


@dataclass(frozen=True)
class News:
    """Frames after a number; `complete` is False when some that still matter are gone."""

    frames: tuple[Frame, ...]
    seq: int
    complete: bool


class Feed:
    """Frames of all runs; safe to use from any thread.

    Args:
        epoch: Name of this start of the server.
        capacity: How many frames are kept.
    """

    def __init__(self, epoch: str, capacity: int = CAPACITY) -> None:
        self.epoch = epoch
        self._capacity = capacity
        self._frames: dict[int, Frame] = {}  # by seq, oldest first
        self._latest: dict[str, dict[Hashable, int]] = {}  # seq by run and what it is news of
        self._seq = 0
        self._lost = 0
        self._lock = threading.Lock()
        self._listeners: list[Callable[[], None]] = []

    @property
    def seq(self) -> int:
        """Number of the newest frame."""
        return self._seq

    def listen(self, listener: Callable[[], None]) -> None:
        """Have something called after every frame, in the thread that brings it."""
        self._listeners.append(listener)

    def tell(
        self, run: str, body: Mapping[str, Any], picture: tuple[str, bytes] | None = None
    ) -> None:
        """Take the next event.

        Args:
            run: Id of the run.
            body: The event; `event` names its kind, `step` its step.
            picture: Media type and bytes of a preview; it makes the frame a binary one.
        """
        with self._lock:
            self._seq += 1
            told = {**body, "run": run, "epoch": self.epoch, "seq": self._seq}
            self._forget_overtaken(run, body)
            self._latest.setdefault(run, {})[_place(body)] = self._seq
            self._frames[self._seq] = Frame(self._seq, run, _encoded(told, picture))
            if body["event"] in _RUN_ENDINGS:
                del self._latest[run]
            self._make_room()
        for listener in self._listeners:
            listener()

    def since(self, seq: int, run: str | None = None) -> News:
        """Return what came after number `seq`, of one run or of all."""
        with self._lock:
            found: list[Frame] = []
            for at in reversed(self._frames):
                if at <= seq:
                    break
                frame = self._frames[at]
                if run in (None, frame.run):
                    found.append(frame)
            return News(tuple(reversed(found)), self._seq, self._lost <= seq <= self._seq)

    def snapshot(self, run: str | None = None) -> News:
        """Return the frames that still tell the truth about runs that have not ended."""
        with self._lock:
            runs = self._latest if run is None else {run: self._latest.get(run, {})}
            latest = sorted(seq for places in runs.values() for seq in places.values())
            frames = tuple(self._frames[seq] for seq in latest if seq in self._frames)
            return News(frames, self._seq, complete=True)

    def _forget_overtaken(self, run: str, body: Mapping[str, Any]) -> None:
        """Drop older progress of a step, and all of it when the step ends."""
        kind, step = body["event"], body.get("step", "")
        if kind in _PASSING:
            places = [(kind, step)]
        elif kind in _STEP_ENDINGS:
            places = [(passing, step) for passing in _PASSING]
        else:
            return
        known = self._latest.get(run, {})
        for place in places:
            if (seq := known.pop(place, None)) is not None:
                self._frames.pop(seq, None)

    def _make_room(self) -> None:
        while len(self._frames) > self._capacity:
            self._lost = next(iter(self._frames))
            del self._frames[self._lost]


def _place(body: Mapping[str, Any]) -> Hashable:
    """Tell what an event is the latest news of."""
    kind, step = body["event"], body.get("step", "")
    if kind in _PASSING:
        return kind, step
    return ("step", step) if step else (kind, body.get("message", ""))


def _encoded(told: Mapping[str, Any], picture: tuple[str, bytes] | None) -> str | bytes:
    """Write a frame: JSON, or the length of a JSON header, the header, and the picture."""
    if picture is None:
        return _ENCODER.encode(told)
    mime, data = picture
    header = _ENCODER.encode({**told, "mime": mime}).encode()
    return len(header).to_bytes(4, "big") + header + data
