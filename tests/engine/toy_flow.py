"""Toy nodes that decide what is computed, never give the same twice, or need something scarce."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from engine.node import Lazy, Unkeyed, node
from tests.engine.toy_nodes import Words

T = TypeVar("T")


def _needs(settings: Mapping[str, Any]) -> Collection[str]:
    return ("yes",) if settings["value"] > 0 else ("no",)


@node("IfPositive", version=1, category="toys", needs=_needs)
def if_positive(
    value: int,
    yes: Annotated[T | None, Lazy()] = None,
    no: Annotated[T | None, Lazy()] = None,
) -> T:
    """Pass one of two values on.

    Args:
        value: Decides.
        yes: Taken above zero ...
        no: ... and otherwise this.
    """
    chosen = yes if value > 0 else no
    if chosen is None:
        raise ValueError("the branch that is needed is not linked; link it")
    return chosen


@node("Clock", version=1, category="toys", volatile=True)
def clock() -> float:
    """Tell the time, another one in every run."""
    return time.time()


@node("Hour", version=1, category="toys", volatile=True)
def hour(log: str) -> int:
    """Always tell the same hour, but run every time.

    Args:
        log: Path of a file that gets a line each time.
    """
    with Path(log).open("a") as lines:
        lines.write("hour\n")
    return 12


@node("Restless", version=1, category="toys")
def restless(count: Annotated[str, Unkeyed()], size: int = 2000) -> str:
    """Give another text each time, without saying that it does.

    Args:
        count: Path of the file that counts the times.
        size: Length of the text.
    """
    path = Path(count)
    times = int(path.read_text()) if path.exists() else 0
    path.write_text(str(times + 1))
    return f"{times}".ljust(size, ".")


@node("Length", version=1, category="toys")
def length(text: str) -> int:
    """Count characters; equal for texts that are as long.

    Args:
        text: The text.
    """
    return len(text)


@node("Head", version=1, category="toys")
def head(text: str, size: int = 1200) -> str:
    """Take the beginning of a text.

    Args:
        text: The text.
        size: How much of it.
    """
    return text[:size]


@node("Dig", version=1, category="toys", limit="shovel")
def dig(a: int, log: str) -> int:
    """Use a shovel for a moment, and note when.

    Args:
        a: Passed on.
        log: Path of a file that gets a line with begin and end.
    """
    begin = time.monotonic()
    time.sleep(0.03)
    with Path(log).open("a") as lines:
        lines.write(f"{begin} {time.monotonic()}\n")
    return a


@node("Tell", version=1, category="toys")
def tell(number: int) -> Words:
    """Write a number in words.

    Args:
        number: The number.
    """
    return Words(f"the number {number}")
