"""A toy node that goes link by link, so that it can be stopped anywhere and go on."""

from __future__ import annotations

import hashlib
import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

from engine.node import Context, StepError, Unkeyed, node
from tests.engine.toy_nodes import Words


@node("Hike", version=1, category="toys")
def hike(
    way: Words,
    ctx: Context,
    trace: Annotated[str, Unkeyed()],
    shoes: str = "boots",
    stop_at: Annotated[int, Unkeyed()] = -1,
    how: Annotated[Literal["fail", "spoil", "die"], Unkeyed()] = "fail",
) -> Words:
    """Go from word to word; every place depends on all the words before it.

    Args:
        way: The words.
        trace: Path of a file that gets a line for every word.
        shoes: What the first place depends on.
        stop_at: Words gone when something happens; never below 0.
        how: Fail; fail with a state that cannot be encoded; or kill the process.
    """
    words = way.text.split()
    chain = ctx.chain({"shoes": shoes}, words, without="way")
    done, place = chain.resume() or (0, shoes.encode())
    for number, word in enumerate(words[done:], done + 1):
        with Path(trace).open("a") as lines:
            lines.write(f"{word}\n")
        place = hashlib.sha256(place + word.encode()).digest() * 4
        spoiled = number == stop_at and how == "spoil"
        chain.checkpoint(number, _no_bytes if spoiled else partial(bytes, place))
        if number == stop_at:
            _STOPS[how]()
        ctx.progress(number, len(words))
    return Words(place.hex())


def _no_bytes() -> bytes:
    raise RuntimeError("this state cannot be encoded")


def _fail() -> None:
    raise StepError("stopped on purpose")


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


_STOPS: dict[str, Callable[[], None]] = {
    "fail": _fail,
    "spoil": _fail,
    "die": _die,
}
