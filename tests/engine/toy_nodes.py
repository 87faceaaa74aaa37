"""Toy nodes on numbers and words, with every kind of port."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self

from engine.node import (
    Absent,
    Choices,
    Facts,
    File,
    FileRef,
    Inference,
    Of,
    Range,
    Seed,
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


@node("Coin", version=1, category="toys")
def coin(seed: Annotated[int, Seed, Range(ge=0, le=1)] = 0) -> int:
    """Give one of two numbers.

    Args:
        seed: Which.
    """
    return seed


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
