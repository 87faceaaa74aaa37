"""What a backend tells of a task: news while it computes, and exactly one ending."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from engine.contract import Snapshot
from engine.records import Record

Kind = Literal["refused", "broken", "memory", "died", "vanished", "cancelled"]


@dataclass(frozen=True)
class Progress:
    """The step has done `done` of `total`; at most ten times a second."""

    done: int
    total: int
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Preview:
    """A picture of something unfinished; the newest takes the place of those nobody has seen."""

    value: Snapshot


@dataclass(frozen=True)
class Notice:
    """A sentence the user should know that ends nothing."""

    message: str


@dataclass(frozen=True)
class Finished:
    """The step has its result.

    Attributes:
        record: The result, kept in the store if that could be written.
        reused: Somebody else had kept it meanwhile, so the node did not run.
        held: Each output is held once in the memory tier of this process: release it when its
            last reader is done.
    """

    record: Record
    reused: bool = False
    held: bool = False


@dataclass(frozen=True)
class Failed:
    """The step has no result.

    Attributes:
        kind: `refused` by a clear sentence; `broken` by a mistake in the node; out of `memory`
            twice; the worker process `died`; an input `vanished` from the store; `cancelled`.
        message: One sentence for the user.
        trace: The traceback, for --debug; empty when there is none.
        detail: The digest that vanished.
    """

    kind: Kind
    message: str
    trace: str = ""
    detail: str = ""


Ending = Finished | Failed
Report = Progress | Preview | Notice | Ending
