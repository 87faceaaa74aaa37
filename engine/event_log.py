"""The events of one run for those who come late or fall behind: the newest of them, and the state.

A listener that is called for every event has to keep up. A reader of the log does not: it asks for
what came after the last event it has seen. When that is no longer all there, a snapshot tells the
truth as it is now, and the reader goes on from there.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from engine.events import (
    Event,
    RunDone,
    RunStarted,
    StepDone,
    StepFailed,
    StepPreview,
    StepProgress,
    StepSkipped,
    StepStarted,
    Warned,
)

_ENDINGS = (StepDone, StepFailed, StepSkipped)
_PASSING = (StepProgress, StepPreview)

_STATES: Mapping[type[Event], str] = {
    RunStarted: "begin",
    RunDone: "end",
    StepStarted: "state",
    StepDone: "state",
    StepFailed: "state",
    StepSkipped: "state",
    StepProgress: "progress",
    StepPreview: "preview",
    Warned: "warning",
}


@dataclass(frozen=True)
class News:
    """What a reader gets.

    Attributes:
        events: In order.
        seq: Number of the newest event there was; ask for what comes after it next time.
        complete: False when events are missing that nothing newer has replaced: too many came in
            between. Take a snapshot then.
    """

    events: tuple[Event, ...]
    seq: int
    complete: bool


class EventLog:
    """A ring buffer of events; safe to use from any thread.

    Of the progress of a step, and of its previews, only the newest is kept, and none once the step
    has ended: what was overtaken tells nobody anything.

    Args:
        capacity: How many events are kept for `since`.
    """

    def __init__(self, capacity: int = 10_000) -> None:
        self._capacity = capacity
        self._recent: dict[int, Event] = {}  # by seq, oldest first
        self._latest: dict[Hashable, Event] = {}
        self._seq = 0
        self._lost = 0  # seq of the newest event that left for want of room
        self._changed = threading.Condition()

    def append(self, event: Event) -> None:
        """Take the next event of the run; usable as its listener."""
        with self._changed:
            self._forget_passed(event)
            self._latest[_place(event)] = event
            self._recent[event.seq] = event
            self._seq = event.seq
            if len(self._recent) > self._capacity:
                self._lost = next(iter(self._recent))
                del self._recent[self._lost]
            self._changed.notify_all()

    def since(self, seq: int) -> News:
        """Return what came after the event number `seq`; 0 asks for everything."""
        with self._changed:
            events = tuple(event for at, event in self._recent.items() if at > seq)
            return News(events, self._seq, complete=seq >= self._lost)

    def snapshot(self) -> News:
        """Return the events that still tell the truth: the latest state of each step and the run.

        Go on with `since(news.seq)`.
        """
        with self._changed:
            events = sorted(self._latest.values(), key=lambda event: event.seq)
            return News(tuple(events), self._seq, complete=True)

    def wait(self, seq: int, timeout: float | None = None) -> bool:
        """Wait until there is an event after number `seq`.

        Args:
            seq: Number of the last event seen.
            timeout: Seconds to wait at most; None waits for ever.

        Returns:
            False when the time is up and there is none.
        """
        with self._changed:
            return self._changed.wait_for(lambda: self._seq > seq, timeout)

    def _forget_passed(self, event: Event) -> None:
        """Drop what an event overtakes: older progress, and all of it when the step ends."""
        if isinstance(event, _PASSING):
            overtaken = [_place(event)]
        elif isinstance(event, _ENDINGS):
            overtaken = [("progress", event.step), ("preview", event.step)]
        else:
            return
        for place in overtaken:
            if passed := self._latest.pop(place, None):
                self._recent.pop(passed.seq, None)


def _place(event: Event) -> Hashable:
    """Return what an event is the latest news of."""
    kind = _STATES.get(type(event), type(event).__name__)
    if isinstance(event, Warned):
        return kind, event.message
    return kind, getattr(event, "step", "")
