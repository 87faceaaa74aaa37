"""Where lines go: text for people, JSON lines for programs."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TextIO

from engine.events import (
    Event,
    RunDone,
    StepDone,
    StepFailed,
    StepPreview,
    StepProgress,
    StepSkipped,
    StepStarted,
    Warned,
)

_LINE_SECONDS = 2.0
_ENDINGS = {
    "done": "finished",
    "failed": "failed",
    "cancelled": "interrupted (run again to go on from what is cached)",
}


@dataclass(frozen=True)
class Console:
    """Standard output and error; with `as_json` only JSON objects are printed."""

    as_json: bool = False
    debug: bool = False
    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)

    def line(self, text: str = "") -> None:
        """Print a line of text; nothing in it can steer the terminal."""
        self._write(self.out, text)

    def complain(self, text: str) -> None:
        """Print a line of text where errors are looked for."""
        self._write(self.err, text)

    def data(self, value: Mapping[str, Any]) -> None:
        """Print one JSON object on one line."""
        self._write(self.out, json.dumps(value))  # ASCII: every character survives, none steers

    def error(self, sentence: str) -> None:
        """Print an error to where errors are looked for."""
        if self.as_json:
            self.data({"event": "error", "message": sentence})
        else:
            self._write(self.err, f"error: {sentence}")

    def warn(self, sentence: str) -> None:
        """Print a warning."""
        if self.as_json:
            self.data({"event": "warned", "message": sentence})
        else:
            self._write(self.err, f"warning: {sentence}")

    def _write(self, stream: TextIO, text: str) -> None:
        stream.write(f"{printable(text)}\n")
        stream.flush()


def printable(text: str) -> str:
    """Replace what could move the cursor or colour the terminal; strangers choose names."""
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in text)


def describe(event: Event, debug: bool) -> str | None:
    """Put an event in words; None for those that only move a bar."""
    match event:
        case StepDone():
            how = "" if event.cached else f" in {event.seconds:.2f} s"
            return f"{'cached' if event.cached else 'done':8} {event.step} ({event.type}){how}"
        case StepFailed():
            return _failure(event, debug)
        case StepSkipped():
            return f"skipped  {event.step} ({event.type}), because {event.by} failed"
        case Warned():
            return f"warning: {event.message}"
        case RunDone():
            return _summary(event)
    return None


def _failure(event: StepFailed, debug: bool) -> str:
    text = f"failed   {event.step} ({event.type}): {event.message}"
    if debug and event.trace:
        return f"{text}\n{event.trace.rstrip()}"
    return f"{text} (--debug shows the traceback)" if event.kind == "broken" else text


def _summary(event: RunDone) -> str:
    skipped = f", {event.skipped} skipped" if event.skipped else ""
    failed = f", {event.failed} failed{skipped}" if event.failed else ""
    counts = f"{event.computed} computed, {event.cached} from the cache{failed}"
    first = f"{_ENDINGS[event.status]} after {event.seconds:.2f} s: {counts}"
    return "\n".join([first, *(f"  {file}" for file in event.files)])


class JsonLines:
    """Shows every event as one JSON object per line; previews stay in the process."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __enter__(self) -> JsonLines:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __call__(self, event: Event) -> None:
        """Print one event."""
        if not isinstance(event, StepPreview):
            self._console.data(event.to_json())


class PlainLines:
    """Shows a run as lines, for pipes and logs: failures to standard error, the rest to output."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._last = 0.0

    def __enter__(self) -> PlainLines:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __call__(self, event: Event) -> None:
        """Print one event."""
        if text := describe(event, self._console.debug):
            wrong = isinstance(event, StepFailed | Warned)
            (self._console.complain if wrong else self._console.line)(text)
        elif isinstance(event, StepStarted):
            self._last = time.monotonic()
            self._console.line(f"running  {event.step} ({event.type}): {event.reason}")
        elif isinstance(event, StepProgress) and time.monotonic() - self._last > _LINE_SECONDS:
            self._last = time.monotonic()
            self._console.line(f"         {event.step} {progress_text(event)}")


def progress_text(event: StepProgress) -> str:
    """Put progress and its figures in words: `3/25 loss 0.12`."""
    figures = "".join(f" {name} {value:.4g}" for name, value in event.figures.items())
    return f"{event.done}/{event.total}{figures}"
