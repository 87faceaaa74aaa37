"""Boxes as the tokens of a layout: three for each object, and two for what is shown of the scene.

Rombach et al. 2022, Sec. 4.3.2 and App. E.2.1; the tokens are those of Esser et al.'s second stage
that the published model was trained with. A corner is one token, its place on a square grid; what
is not there is the last token. Nothing here needs torch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

PER_OBJECT, SHOWN = 3, 2
NUMBERS = 5
FORM = "a category and the sides left, top, right, bottom in 0..1, such as `17 0.1 0.2 0.6 0.9`"


@dataclass(frozen=True)
class Box:
    """One object and where it is.

    Attributes:
        category: Its number in the model's list of categories.
        left: Sides, as parts of the picture's width and height, in 0..1.
        top: As above.
        right: As above, behind the left.
        bottom: As above, below the top.
    """

    category: int
    left: float
    top: float
    right: float
    bottom: float


def read_boxes(text: str) -> list[Box]:
    """Read one box from each line that is not empty.

    Raises:
        ValueError: A line is none, with its number and what it should be.
    """
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                found.append(_box(line.split()))
            except ValueError:
                short = line.strip()[:60]
                raise ValueError(f'line {number} is "{short}", expected {FORM}') from None
    return found


def _box(words: Sequence[str]) -> Box:
    if len(words) != NUMBERS or not words[0].isdecimal():
        raise ValueError
    left, top, right, bottom = (float(word) for word in words[1:])
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise ValueError
    return Box(int(words[0]), left, top, right, bottom)


def most_boxes(length: int) -> int:
    """How many objects so many tokens can name."""
    return (length - SHOWN) // PER_OBJECT


def box_fault(boxes: Sequence[Box], vocabulary: int, length: int) -> str:
    """Say why a model cannot be told these boxes; empty where it can."""
    if len(boxes) > most_boxes(length):
        return f"there are {len(boxes)} objects, and the model reads {most_boxes(length)} at most"
    strange = [box.category for box in boxes if box.category >= vocabulary - 1]
    if strange:
        return f"there is no category {strange[0]}: the model has {vocabulary - 1} tokens"
    return ""


def box_tokens(boxes: Sequence[Box], vocabulary: int, length: int) -> list[int]:
    """Return the tokens of a layout of which everything is shown.

    Args:
        boxes: The objects.
        vocabulary: How many tokens the model knows; corners lie on a grid of as many as fit.
        length: How many it reads.

    Raises:
        ValueError: As `box_fault` says.
    """
    if fault := box_fault(boxes, vocabulary, length):
        raise ValueError(fault)
    cells, nothing = math.isqrt(vocabulary), vocabulary - 1

    def corner(x: float, y: float) -> int:
        return round(y * (cells - 1)) * cells + round(x * (cells - 1))

    tokens = [nothing] * (length - SHOWN)
    for place, box in enumerate(boxes):
        corners = (corner(box.left, box.top), corner(box.right, box.bottom))
        tokens[PER_OBJECT * place : PER_OBJECT * (place + 1)] = [box.category, *corners]
    return [*tokens, corner(0, 0), corner(1, 1)]
