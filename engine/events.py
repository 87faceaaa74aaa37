"""What happens during a run, in order: frozen records a console, a file or a browser can show."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.contract import Snapshot


@dataclass(frozen=True)
class Event:
    """Base of all events; `seq` counts up from 1 within a run."""

    seq: int
    told_as = "event"  # without a type, so that it is no field

    def __init_subclass__(cls) -> None:
        """Name the kind after the class: `StepDone` is `step-done`."""
        cls.told_as = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", cls.__name__).lower()

    def to_json(self) -> dict[str, Any]:
        """Encode as one JSON object whose `event` names the kind."""
        return {"event": self.told_as, **{f: getattr(self, f) for f in self.__dataclass_fields__}}


@dataclass(frozen=True)
class RunStarted(Event):
    """A run begins: how many steps it needs, and how many of them are cached."""

    steps: int
    cached: int


@dataclass(frozen=True)
class StepStarted(Event):
    """A step begins to compute; `expected` is how many seconds it took in the past, if known."""

    step: str
    type: str
    reason: str
    expected: float | None = None


@dataclass(frozen=True)
class StepProgress(Event):
    """A step has done `done` of `total`; at most ten times a second."""

    step: str
    done: int
    total: int
    figures: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Encode with null for a figure that is no number, as JSON has no NaN."""
        figures = {name: v if math.isfinite(v) else None for name, v in self.figures.items()}
        return {**super().to_json(), "figures": figures}


@dataclass(frozen=True)
class StepPreview(Event):
    """A picture of what a step has unfinished; it is not part of the JSON."""

    step: str
    value: Snapshot

    def to_json(self) -> dict[str, Any]:
        """Encode without the value."""
        return {"event": "step-preview", "seq": self.seq, "step": self.step}


@dataclass(frozen=True)
class StepDone(Event):
    """A step has its result; `files` are the paths it saved, now or when it was computed."""

    step: str
    type: str
    cached: bool
    seconds: float
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class StepFailed(Event):
    """A step could not do its work.

    Attributes:
        kind: As in `engine.backends.report.Failed`: `broken` is a mistake in the node's code.
        trace: The traceback, for --debug; empty when there is none.
    """

    step: str
    type: str
    message: str
    trace: str = ""
    kind: str = "broken"


@dataclass(frozen=True)
class StepSkipped(Event):
    """A step did not run because the step `by` failed."""

    step: str
    type: str
    by: str


@dataclass(frozen=True)
class Warned(Event):
    """Something the user should know that does not stop the run."""

    message: str


@dataclass(frozen=True)
class RunDone(Event):
    """A run is over; `status` is `done`, `failed` or `cancelled`."""

    status: str
    seconds: float
    computed: int
    cached: int
    failed: int
    skipped: int
    files: tuple[str, ...] = ()


Listener = Callable[[Event], None]
