"""Toy nodes that act on the world or behave badly: they save, count, wait, fail and die."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Annotated, Literal, cast

from engine.node import (
    Context,
    Estimate,
    File,
    FileRef,
    Inference,
    Settings,
    Stem,
    StepError,
    Unkeyed,
    node,
)
from tests.engine.toy_nodes import Words


@node("Save", version=1, category="toys", effect=True)
def save(words: Words, ctx: Context, name: Annotated[str, Stem] = "words") -> None:
    """Save words for the user.

    Args:
        words: What to save.
        name: Start of the file's name.
    """
    ctx.save(name, ".txt", words.to_bytes())


@node("Show", version=1, category="toys", effect=True)
def show(number: int, ctx: Context) -> None:
    """Save a number.

    Args:
        number: The number.
    """
    ctx.save("number", ".txt", str(number).encode())


@node("SaveText", version=1, category="toys", effect=True)
def save_text(text: str, ctx: Context) -> None:
    """Save a text.

    Args:
        text: The text.
    """
    ctx.save("text", ".txt", text.encode())


@node("Log", version=1, category="toys")
def log(a: int, file: str) -> int:
    """Pass a number on, and leave a line in a file so that a test can count the runs.

    Args:
        a: The number.
        file: Path of the file.
    """
    with Path(file).open("a") as lines:
        lines.write(f"{a}\n")
    return a + 1


@node("Slow", version=1, category="toys")
def slow(a: int, file: str) -> int:
    """Leave a line in a file, and take a moment.

    Args:
        a: Passed on.
        file: Path of the file.
    """
    with Path(file).open("a") as lines:
        lines.write(f"{a}\n")
    time.sleep(0.2)
    return a


@node("Surroundings", version=1, category="toys")
def surroundings(ctx: Context) -> str:
    """Tell where and how it computes."""
    return json.dumps([ctx.settings.device, ctx.settings.numerics, ctx.settings.threads])


def _foresee(given: Inference, run: Settings) -> Estimate | None:
    del run
    count = given.settings["count"]
    return None if count is None else Estimate(0, seconds=100.0 * count)


@node("Foresee", version=1, category="toys", estimate=_foresee)
def foresee(count: int) -> int:
    """Take a twentieth of a second for each, having foreseen far more.

    Args:
        count: How many.
    """
    time.sleep(0.05 * count)
    return count


@node("Wait", version=1, category="toys")
def wait(a: int, ctx: Context, seconds: float = 1.0) -> int:
    """Take some time, reporting progress.

    Args:
        a: Passed on.
        seconds: How long.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        ctx.progress(0, 1)
        time.sleep(0.01)
    ctx.progress(1, 1, loss=0.5)
    return a


@node("Sleep", version=1, category="toys")
def sleep(seconds: float = 60.0) -> float:
    """Take some time without ever listening.

    Args:
        seconds: How long.
    """
    time.sleep(seconds)
    return seconds


@node("Die", version=1, category="toys")
def die(a: int, unless: str) -> int:
    """Kill the whole process, as a power cut would, unless a file is there.

    Args:
        a: Passed on.
        unless: Path of the file that prevents it.
    """
    if not Path(unless).exists():
        os.kill(os.getpid(), signal.SIGKILL)
    return a


@node("Train", version=1, category="toys")
def train(
    ctx: Context,
    steps: int = 3,
    stop_at: Annotated[int, Unkeyed()] = -1,
    how: Annotated[Literal["fail", "kill"], Unkeyed()] = "fail",
) -> Words:
    """Write a file step by step, going on where it was killed.

    Args:
        steps: Length of the file.
        stop_at: Stop once there.
        how: By an error, or by killing the process.
    """
    weights = ctx.scratch() / "weights.bin"
    done = weights.stat().st_size if weights.exists() else 0
    for step in range(done, steps):
        if step == stop_at and how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if step == stop_at:
            raise StepError("stopped on purpose")
        with weights.open("ab") as file:
            file.write(bytes([step]))
    return Words(ctx.keep(weights))


@node("Walk", version=1, category="toys")
def walk(a: int, ctx: Context, log: Annotated[str, Unkeyed()], steps: int = 5) -> int:
    """Add up numbers slowly, going on from the last checkpoint; each leaves a line in a file.

    Args:
        a: Where to start.
        log: Path of the file.
        steps: How many numbers.
    """
    chain = ctx.chain({"a": a}, list(range(steps)), without="")
    done, state = chain.resume() or (0, str(a).encode())
    for number in range(done, steps):
        ctx.progress(number, steps)
        time.sleep(0.05)
        state = str(int(state) + number).encode()
        with Path(log).open("a") as lines:
            lines.write(f"{number}\n")
        chain.checkpoint(number + 1, lambda state=state: state)  # type: ignore[misc]
    return int(state)


@node("UseFile", version=1, category="toys")
def use_file(words: Words, ctx: Context) -> int:
    """Measure the file that words name by digest.

    Args:
        words: A digest.
    """
    return ctx.resource(words.text, lambda: len(ctx.blob(words.text).read_bytes()))


@node("Fail", version=1, category="toys")
def fail(a: int, how: Literal["clear", "value", "broken", "long"] = "clear") -> int:
    """Never work.

    Args:
        a: A number.
        how: With a clear sentence of the engine's kind or of Python's own, by a mistake in the
            code, or with a sentence nobody reads to the end.
    """
    if how == "broken":
        raise KeyError("nothing here")
    if how == "value":
        raise ValueError(f"{a} is odd; use {a + 1}")
    if how == "long":
        raise StepError("never " * 1_000_000)
    raise StepError(f"cannot work with {a}; give another number")


@node("Lie", version=1, category="toys")
def lie(a: int) -> int:
    """Give something else than declared.

    Args:
        a: A number.
    """
    return cast("int", str(a))


@node("UseFileInput", version=1, category="toys")
def use_file_input(file: Annotated[FileRef, File("inputs", (".txt",))], ctx: Context) -> Words:
    """Read a file by its digest, as models are.

    Args:
        file: The file.
    """
    return Words(ctx.blob(file.sha256).read_text())
