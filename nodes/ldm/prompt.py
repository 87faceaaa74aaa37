r"""Weights inside a prompt: `(word:1.3)`, as the tools around Stable Diffusion write them.

Two ways to write are common. ComfyUI's: `(word)` counts 1.1 times as much, and `(word:1.3)` 1.3
times whatever surrounds it. The web UI's (AUTOMATIC1111): a weight multiplies those around it,
`[word]` divides by 1.1, a bracket that is never closed reaches to the end, and `BREAK` begins the
next chunk of tokens. In both, `\(` is a parenthesis to be read, and so is `)` without its partner.
Loads without torch; the time is linear in the length.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

Weights = Literal["comfyui", "a1111", "none"]

EMPHASIS = 1.1
MAX_WEIGHT = 10_000.0  # a pile of ten thousand parentheses stays a number


class Passage(NamedTuple):
    """A run of text that is read as one, and how much it counts (1: as it stands)."""

    text: str
    weight: float = 1.0


@dataclass(frozen=True)
class Grammar:
    """How weights are written.

    Attributes:
        factors: The opening brackets, each with what it does to the weight of what is inside.
        escapes: Characters that a backslash makes text.
        absolute: Whether `(word:1.3)` replaces the weights around it instead of multiplying.
        joins: Whether neighbours of one weight are read as one text.
        breaks: Whether `BREAK` begins a new chunk.
        tail: Whether a bracket that is never closed reaches to the end instead of being text.
    """

    factors: dict[str, float]
    escapes: str = "()"
    absolute: bool = False
    joins: bool = False
    breaks: bool = False
    tail: bool = False


GRAMMARS: dict[Weights, Grammar] = {
    "comfyui": Grammar({"(": EMPHASIS}, absolute=True),
    "a1111": Grammar(
        {"(": EMPHASIS, "[": 1 / EMPHASIS}, "()[]\\", joins=True, breaks=True, tail=True
    ),
    "none": Grammar({}, ""),
}

CLOSING = {"(": ")", "[": "]"}
NUMBER = r":\s*(?P<number>[+-]?(?:[0-9]{1,4}(?:\.[0-9]{0,12})?|\.[0-9]{1,12}))\s*\)"


class _Mark(NamedTuple):
    """One piece of a prompt: text, an opening bracket, or a closing one and its weight."""

    text: str
    opens: str = ""  # this bracket, or the one that it closes
    closes: bool = False
    number: float | None = None


def parse(prompt: str, weights: Weights) -> list[list[Passage]]:
    """Split a prompt into passages of one weight, grouped by the `BREAK`s between them.

    Args:
        prompt: Any text at all.
        weights: Whose way of writing it is in; with "none" every character is text.

    Returns:
        At least one group of passages; the group of an empty prompt is empty.
    """
    grammar = GRAMMARS[weights]
    marks = [*_marks(prompt, grammar), _Mark("")]  # the last stands where open brackets end
    groups: list[list[Passage]] = [[]]
    for text, weight in _weighed(marks, grammar):
        first, *others = re.split(r"\bBREAK\b", text) if grammar.breaks else [text]
        _add(groups[-1], Passage(first, weight), grammar.joins)
        for other in others:
            groups.append([])
            _add(groups[-1], Passage(other, weight), grammar.joins)
    return groups


def _add(group: list[Passage], passage: Passage, joins: bool) -> None:
    if not passage.text:
        return
    if joins and group and group[-1].weight == passage.weight:
        passage = Passage(group.pop().text + passage.text, passage.weight)
    group.append(passage)


def _marks(prompt: str, grammar: Grammar) -> Iterator[_Mark]:
    """Cut a prompt at its brackets."""
    if not grammar.factors:
        yield _Mark(prompt)
        return
    opening = re.escape("".join(grammar.factors))
    closed_by = {CLOSING[bracket]: bracket for bracket in grammar.factors}
    closing = re.escape("".join(closed_by))
    pattern = (
        rf"\\(?P<escaped>[{re.escape(grammar.escapes)}])|{NUMBER}"
        rf"|(?P<open>[{opening}])|(?P<close>[{closing}])|[^\\:{opening}{closing}]+|."
    )
    for match in re.finditer(pattern, prompt, re.DOTALL):
        if match["number"]:
            yield _Mark(match[0], "(", closes=True, number=float(match["number"]))
        elif match["close"]:
            yield _Mark(match[0], closed_by[match[0]], closes=True)
        else:
            yield _Mark(match["escaped"] or match[0], match["open"] or "")


def _partners(marks: list[_Mark], grammar: Grammar) -> dict[int, int]:
    """Map each bracket that has a partner to it, by their places."""
    partners: dict[int, int] = {}
    waiting: dict[str, list[int]] = {bracket: [] for bracket in grammar.factors}
    for place, mark in enumerate(marks):
        if mark.closes and waiting[mark.opens]:
            opened = waiting[mark.opens].pop()
            partners |= {opened: place, place: opened}
        elif mark.opens and not mark.closes:
            waiting[mark.opens].append(place)
    if grammar.tail:
        partners |= {place: len(marks) - 1 for places in waiting.values() for place in places}
    return partners


def _weighed(marks: list[_Mark], grammar: Grammar) -> Iterator[Passage]:
    """Walk along the marks with the weights of all brackets that are open."""
    partners = _partners(marks, grammar)
    weights: dict[str, list[float]] = {bracket: [1.0] for bracket in grammar.factors}
    text: list[str] = []
    for place, mark in enumerate(marks):
        if not mark.opens or place not in partners:
            text.append(mark.text)
            continue
        yield Passage("".join(text), _product(weights))
        text.clear()
        if mark.closes:
            weights[mark.opens].pop()
        else:
            number, above = marks[partners[place]].number, weights[mark.opens][-1]
            own = grammar.factors[mark.opens] if number is None else number
            replaces = grammar.absolute and number is not None
            weights[mark.opens].append(own if replaces else _clamped(above * own))
    yield Passage("".join(text), _product(weights))


def _product(weights: dict[str, list[float]]) -> float:
    return _clamped(math.prod((open_now[-1] for open_now in weights.values()), start=1.0))


def _clamped(weight: float) -> float:
    return max(-MAX_WEIGHT, min(MAX_WEIGHT, weight))
