"""What is kept of the events of a run: what it computed, what failed and why, without paths."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from engine.events import Event, RunDone, StepDone, StepFailed, StepPreview, StepProgress

_LONGEST = 1_000


class Story:
    """Listens to a run, passes every event on, and keeps the newest of those that last.

    Args:
        listen: Gets every event.
        names: Turns paths of results into names that may be told.
    """

    def __init__(
        self, listen: Callable[[Event], None], names: Callable[[Iterable[str]], tuple[str, ...]]
    ) -> None:
        self._listen, self._names = listen, names
        self._events: deque[Event] = deque(maxlen=_LONGEST)
        self.failures: dict[str, str] = {}

    def hear(self, event: Event) -> None:
        """Take the next event."""
        if isinstance(event, StepFailed) and len(self.failures) < _LONGEST:
            self.failures[event.step] = event.message
        if not isinstance(event, StepProgress | StepPreview) and not _is_cached(event):
            self._events.append(event)
        self._listen(event)

    def to_json(self) -> list[dict[str, Any]]:
        """Encode what is kept; tracebacks are not."""
        return [self._told(event).to_json() for event in self._events]

    def _told(self, event: Event) -> Event:
        if isinstance(event, StepDone | RunDone):
            return replace(event, files=self._names(event.files))
        return replace(event, trace="") if isinstance(event, StepFailed) else event


def _is_cached(event: Event) -> bool:
    """Nothing happened at such a step; the run's figures count it."""
    return isinstance(event, StepDone) and event.cached
