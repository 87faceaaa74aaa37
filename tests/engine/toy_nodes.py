"""Toy nodes on numbers and texts: all that the engine's tests compute with."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self, cast

from engine.node import (
    Absent,
    Choices,
    Context,
    Facts,
    File,
    FileRef,
    Inference,
    Of,
    Range,
    Seed,
    StepError,
    Text,
    Unkeyed,
    node,
)


@dataclass(frozen=True)
class Words:
    """Some text that travels on links."""

    text: str

    @property
    def nbytes(self) -> int:
        return len(self.text)

    def to_bytes(self) -> bytes:
        return self.text.encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        return cls(data.decode())


class Split(NamedTuple):
    """Two halves of a number."""

    low: int
    high: int


@node("Number", version=1, category="toys")
def number(value: int = 0) -> int:
    """Give a number.

    Args:
        value: The number.
    """
    return value


@node("Add", version=1, category="toys")
def add(a: int, b: int = 0) -> int:
    """Add two numbers.

    Args:
        a: First.
        b: Second.
    """
    return a + b


@node("Subtract", version=1, category="toys")
def subtract(a: int, b: int) -> int:
    """Take one number from another.

    Args:
        a: From this.
        b: This is taken.
    """
    return a - b


@node("Parity", version=1, category="toys")
def parity(a: int) -> int:
    """Give 0 for even and 1 for odd numbers: many inputs, few outputs.

    Args:
        a: The number.
    """
    return a % 2


@node("Halves", version=1, category="toys")
def halves(a: int) -> Split:
    """Split a number in two.

    Args:
        a: The number.
    """
    return Split(a // 2, a - a // 2)


@node("Scale", version=1, category="toys")
def scale(a: float, factor: Annotated[float, Range(ge=0, le=10, step=0.5)] = 1.0) -> float:
    """Multiply a number.

    Args:
        a: The number.
        factor: By how much.
    """
    return a * factor


@node("Say", version=1, category="toys")
def say(
    text: Annotated[str, Text(multiline=True, max_length=100)] = "",
    tone: Literal["soft", "loud"] = "soft",
    voice: Annotated[str, Choices(("alto", "bass"))] = "alto",
    label: Annotated[str, Unkeyed] = "",
    twice: bool = False,
) -> Words:
    """Make words.

    Args:
        text: What to say.
        tone: `loud` makes capitals.
        voice: Who says it.
        label: A note for the reader; changes nothing.
        twice: Say it two times.
    """
    words = text.upper() if tone == "loud" else text
    return Words(f"{voice}: {words * (2 if twice else 1)}")


@node("Join", version=1, category="toys")
def join(parts: list[Words], end: Words | None = None) -> Words:
    """Join words in order.

    Args:
        parts: What to join.
        end: What comes last.
    """
    return Words(" ".join(part.text for part in [*parts, *([end] if end else [])]))


@node("Roll", version=1, category="toys")
def roll(seed: Annotated[int, Seed] = 0) -> int:
    """Give a number that looks random.

    Args:
        seed: Where it comes from.
    """
    return (seed * 6364136223846793005 + 1442695040888963407) % 6 + 1


def _no_empty(path: Path) -> None:
    if not path.stat().st_size:
        raise ValueError("the file is empty; write something into it")


@node("ReadFile", version=1, category="toys")
def read_file(file: Annotated[FileRef, File("inputs", (".txt",), _no_empty)]) -> Words:
    """Read a text file.

    Args:
        file: The file.
    """
    return Words(file.path.read_text())


@node("Save", version=1, category="toys", effect=True)
def save(words: Words, ctx: Context, name: str = "words") -> None:
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


@node("Fail", version=1, category="toys")
def fail(a: int, how: Literal["clear", "broken"] = "clear") -> int:
    """Never work.

    Args:
        a: A number.
        how: With a clear sentence, or by a mistake in the code.
    """
    if how == "broken":
        raise KeyError("nothing here")
    raise StepError(f"cannot work with {a}; give another number")


@node("Lie", version=1, category="toys")
def lie(a: int) -> int:
    """Give something else than declared.

    Args:
        a: A number.
    """
    return cast("int", str(a))


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


def _infer_model(given: Inference) -> Mapping[str, Facts | Absent] | None:
    size = given.settings["size"]
    if size is None:
        return None
    if size % 2:
        raise ValueError(f"size is {size} but must be even; use {size + 1}")
    return {"words": {"c": size}, "rest": Absent("toys come without a rest")}


class Parts(NamedTuple):
    """Words, and what toys never have."""

    words: Words
    rest: Words


@node("Model", version=2, category="toys", infer=_infer_model)
def model(size: Annotated[int, Range(ge=0, le=64)] = 4) -> Parts:
    """Make words that know their size.

    Args:
        size: An even number.
    """
    return Parts(Words("m" * size), Words(""))


@node("Pair", version=1, category="toys")
def pair(
    left: Annotated[Words, Of(c="c")], right: Annotated[Words, Of(c="c")]
) -> Annotated[Words, Of(c="c")]:
    """Put two words of one size together.

    Args:
        left: First.
        right: Second.
    """
    return Words(left.text + right.text)


@node("Four", version=1, category="toys")
def four(words: Annotated[Words, Of(c=4)]) -> Words:
    """Take words of size four.

    Args:
        words: The words.
    """
    return words


@node("Train", version=1, category="toys")
def train(ctx: Context, steps: int = 3, stop_at: Annotated[int, Unkeyed()] = -1) -> Words:
    """Write a file step by step, going on where it was killed.

    Args:
        steps: Length of the file.
        stop_at: Fail once there.
    """
    weights = ctx.scratch() / "weights.bin"
    done = weights.stat().st_size if weights.exists() else 0
    for step in range(done, steps):
        if step == stop_at:
            raise StepError("stopped on purpose")
        with weights.open("ab") as file:
            file.write(bytes([step]))
    return Words(ctx.keep(weights))


@node("UseFile", version=1, category="toys")
def use_file(words: Words, ctx: Context) -> int:
    """Measure the file that words name by digest.

    Args:
        words: A digest.
    """
    return ctx.resource(words.text, lambda: len(ctx.blob(words.text).read_bytes()))
