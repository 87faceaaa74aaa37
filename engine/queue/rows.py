"""What is asked for and what is known of it: plain frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from engine.errors import EngineError

State = Literal["queued", "running", "done", "failed", "cancelled", "poisoned"]
ENDED: tuple[State, ...] = ("done", "failed", "cancelled", "poisoned")
"""States that a run does not leave."""


class QueueFullError(EngineError):
    """More runs wait than are allowed; the sentence says how many."""


class UnfitRequestError(EngineError):
    """What is asked for cannot be kept: too long, too large, or no JSON."""


class DifferentRequestError(EngineError):
    """An idempotency key came back with another request than the one it was first used for."""


@dataclass(frozen=True)
class RunRequest:
    """A run that somebody wants.

    Attributes:
        document: The workflow, as JSON.
        name: What people call it: the workflow's file, without its folder.
        changes: `NAME=VALUE`, as `--set` takes them.
        priority: Larger ones go first; equal ones in the order they came.
        client: Who asks, for the limit of one client.
        idempotency: A key of the client's; the same key asks for the same run again.
    """

    document: Mapping[str, Any]
    name: str = "workflow"
    changes: tuple[str, ...] = ()
    priority: int = 0
    client: str = ""
    idempotency: str | None = None


@dataclass(frozen=True)
class Ending:
    """How a run ended.

    Attributes:
        state: done, failed or cancelled.
        files: Names of the files it saved or found saved.
        counts: Steps by how they ended.
        problems: What the check found, as JSON; errors kept it from running.
        failures: What went wrong at each step, by step.
    """

    state: State
    files: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Mapping[str, Any], ...] = ()
    failures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RunRow:
    """What is known of a run.

    Attributes:
        id: Its number, rising, never used twice.
        state: Where it stands.
        name: What people call it.
        priority: Larger ones go first.
        attempt: How often it was begun.
        created: When it was asked for, seconds since 1970.
        started: When it was last begun.
        finished: When it ended.
        note: What happened to it besides, such as that a process died with it.
        ending: How it ended.
    """

    id: int
    state: State
    name: str
    priority: int
    attempt: int
    created: float
    started: float | None = None
    finished: float | None = None
    note: str = ""
    ending: Ending | None = None

    def to_json(self) -> dict[str, Any]:
        """Encode in JSON's own types."""
        body = asdict(self)
        ending = body.pop("ending") or {}
        ending.pop("state", None)
        return {**body, **ending}


@dataclass(frozen=True)
class Claim:
    """A run that was taken to be computed.

    Attributes:
        id: Its number.
        attempt: Which attempt this is; only it may finish the run.
        request: What is wanted.
    """

    id: int
    attempt: int
    request: RunRequest
