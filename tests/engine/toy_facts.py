"""Toy nodes whose values know facts, whose inputs are lazy or of any type, or which complain."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from engine.node import (
    VALUE,
    Absent,
    Edit,
    Facts,
    File,
    FileRef,
    Finding,
    Fix,
    Inference,
    Lazy,
    NewStep,
    Of,
    Range,
    node,
)

T = TypeVar("T")


@dataclass(frozen=True)
class Cloth:
    """Some cloth, which knows its width and where its pattern comes from."""

    width: int
    pattern: str = "plain"

    @property
    def nbytes(self) -> int:
        return self.width

    @property
    def facts(self) -> Facts:
        return {"w": self.width, "pattern": self.pattern}

    def to_bytes(self) -> bytes:
        return f"{self.width} {self.pattern}".encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        width, pattern = data.decode().split()
        return cls(int(width), pattern)


def _infer_weave(given: Inference) -> Mapping[str, Facts | Absent] | None:
    width = given.settings["width"]
    return None if width is None else {"cloth": {"w": width}}


@node("Weave", version=1, category="toys", infer=_infer_weave)
def weave(
    width: Annotated[int, Range(ge=1, le=100)] = 10, pattern: Literal["plain", "dots"] = "plain"
) -> Cloth:
    """Make cloth.

    Args:
        width: How wide.
        pattern: What it looks like.
    """
    return Cloth(width, pattern)


def _infer_written(given: Inference) -> Mapping[str, Facts | Absent]:
    return {"int": {VALUE: given.settings["number"]}}


@node("Written", version=1, category="toys", infer=_infer_written)
def written(number: int = 0) -> int:
    """Pass on what is written here.

    Args:
        number: The number.
    """
    return number


def _infer_dye(given: Inference) -> Mapping[str, Facts | Absent] | None:
    file = given.settings["recipe"]
    return None if file is None else {"cloth": {"pattern": file.path.read_text().strip()}}


@node("Dye", version=1, category="toys", infer=_infer_dye)
def dye(
    cloth: Annotated[Cloth, Of(w="w")],
    recipe: Annotated[FileRef, File("inputs", (".txt",))],
) -> Annotated[Cloth, Of(w="w")]:
    """Give cloth the pattern a file names.

    Args:
        cloth: The cloth.
        recipe: A file with one word.
    """
    return Cloth(cloth.width, recipe.path.read_text().strip())


@node("Sew", version=1, category="toys")
def sew(
    left: Annotated[Cloth, Of(w="w", pattern="p")], right: Annotated[Cloth, Of(w="w", pattern="p")]
) -> Annotated[Cloth, Of(w="w", pattern="p")]:
    """Sew two equal pieces together.

    Args:
        left: One.
        right: The other.
    """
    return left


def _infer_fold(given: Inference) -> Mapping[str, Facts | Absent] | None:
    width = given.facts.get("cloth", {}).get("w")
    return {"cloth": {"w": width // 2}} if isinstance(width, int) else None


def _review_fold(given: Inference) -> Iterator[Finding]:
    width = given.facts.get("cloth", {}).get("w")
    if isinstance(width, int) and width % 2:
        yield Finding(
            f"cloth of width {width} cannot be folded evenly",
            port="cloth",
            got=f"width {width}",
            expected="an even width",
            fixes=(
                Fix("trim it", (Edit("", "cloth", via=NewStep("Trim", "cloth", "cloth")),)),
                Fix("use another cloth"),
            ),
            code="odd-width",
        )
    if given.settings["times"] == 1:
        yield Finding("folding once hardly shows", port="times", severity="warning", code="faint")


@node("Fold", version=1, category="toys", infer=_infer_fold, review=_review_fold)
def fold(cloth: Cloth, times: Annotated[int, Range(ge=1, le=9)] = 2) -> Cloth:
    """Fold cloth.

    Args:
        cloth: The cloth.
        times: How often.
    """
    return Cloth(cloth.width // 2, cloth.pattern)


def _infer_trim(given: Inference) -> Mapping[str, Facts | Absent] | None:
    width = given.facts.get("cloth", {}).get("w")
    return {"cloth": {"w": width - width % 2}} if isinstance(width, int) else None


@node("Trim", version=1, category="toys", infer=_infer_trim)
def trim(cloth: Cloth) -> Cloth:
    """Make the width even.

    Args:
        cloth: The cloth.
    """
    return Cloth(cloth.width - cloth.width % 2, cloth.pattern)


@node("Cheat", version=1, category="toys")
def cheat(cloth: Annotated[Cloth, Of(w="w")]) -> Annotated[Cloth, Of(w="w")]:
    """Promise the same width and break the promise.

    Args:
        cloth: The cloth.
    """
    return Cloth(cloth.width + 1)


@node("Truth", version=1, category="toys")
def truth(value: bool = True) -> bool:
    """Give a truth value.

    Args:
        value: Which.
    """
    return value


def _needs(given: Mapping[str, Any]) -> Collection[str]:
    return ["a"] if given["first"] else ["b"]


@node("Switch", version=1, category="toys", needs=_needs)
def switch(
    first: bool = True,
    a: Annotated[T | None, Lazy()] = None,
    b: Annotated[T | None, Lazy()] = None,
) -> T:
    """Give one of two values and never compute the other.

    Args:
        first: Whether `a` is wanted.
        a: One value.
        b: The other, of the same type.
    """
    found = a if first else b
    assert found is not None
    return found


@node("Same", version=1, category="toys")
def same(a: T, b: T) -> T:
    """Take two values of one type and give the first.

    Args:
        a: One.
        b: The other.
    """
    return a


def _needs_even(given: Mapping[str, Any]) -> Collection[str]:
    if given["number"] == 13:
        raise KeyError("unlucky")
    if given["number"] % 2:
        raise ValueError("an odd number decides nothing")
    return ["a"]


@node("Pick", version=1, category="toys", needs=_needs_even)
def pick(number: int = 0, a: Annotated[T | None, Lazy()] = None, b: T | None = None) -> T:
    """Give one of two values, unless it cannot be told which.

    Args:
        number: Decides when it is even.
        a: One value.
        b: The other.
    """
    found = a or b
    assert found is not None
    return found


def _infer_half(given: Inference) -> Mapping[str, Facts | Absent] | None:
    return {"int": {"half": given.settings["a"] / 2}}


@node("Halve", version=1, category="toys", infer=_infer_half)
def halve(a: int = 1) -> int:
    """Promise a fact that is neither a whole number nor a text.

    Args:
        a: A number.
    """
    return a // 2


def _broken(given: Inference) -> Mapping[str, Facts | Absent] | None:
    raise KeyError("nothing here")


@node("Broken", version=1, category="toys", infer=_broken)
def broken(a: int = 0) -> int:
    """Have a mistake in `infer`.

    Args:
        a: A number.
    """
    return a


def recipe_in(folder: Path, word: str, name: str = "recipe.txt") -> str:
    """Write a recipe and return its name."""
    (folder / name).write_text(word)
    return name


def _infer_stack(given: Inference) -> Mapping[str, Facts | Absent] | None:
    widths = [item.get("w") for item in given.items.get("pieces", ())]
    known = [width for width in widths if isinstance(width, int)]
    return {"cloth": {"w": max(known)}} if known and len(known) == len(widths) else None


def _review_stack(given: Inference) -> Iterator[Finding]:
    patterns = [item.get("pattern", "plain") for item in given.items.get("pieces", ())]
    if len(set(patterns)) > 1:
        yield Finding("the pieces do not match", port="pieces", got=", ".join(map(str, patterns)))


@node("Stack", version=1, category="toys", infer=_infer_stack, review=_review_stack)
def stack(pieces: list[Cloth]) -> Cloth:
    """Lay cloth on cloth.

    Args:
        pieces: As many as there are.
    """
    return max(pieces, key=lambda piece: piece.width)
