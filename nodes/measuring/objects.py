"""Are the objects that a caption asks for there: by colour, shape, number and place.

An object is a connected patch of one label; pictures of three objects are compared by their bags of
colours, shapes and classes, so that a red cube and a blue cone in place of a blue cube and a red
cone get the colours and the shapes right but neither class.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import fmean
from typing import NamedTuple

from skimage.measure import label, regionprops
from torch import Tensor

SMALLEST = 96
"""Pixels of a patch that count as an object of its own."""


class Found(NamedTuple):
    """An object in a label map: its class and the column of its middle."""

    name: str
    x: float


def objects_in(labels: Tensor, names: Sequence[str]) -> list[Found]:
    """Objects of a label map H W from left to right; label k + 1 is `names[k]`."""
    plain = labels.cpu().numpy()
    patches = regionprops(label(plain, background=0, connectivity=2))
    found = [
        Found(names[int(plain[tuple(patch.coords[0])]) - 1], float(patch.centroid[1]))
        for patch in patches
        if patch.area >= SMALLEST
    ]
    return sorted(found, key=lambda thing: thing.x)


def asked_and_found(
    asked: Sequence[Sequence[str]], found: Sequence[Sequence[Found]]
) -> dict[str, float]:
    """Shares of colours, shapes, classes, numbers and neighbours that are as asked.

    Args:
        asked: Classes of each picture from left to right, as `red cube`.
        found: Objects of each picture.
    """
    things = [[thing.name for thing in picture] for picture in found]
    both = list(zip(asked, things, strict=True))
    return {
        "colour right": _shared((_words(a, 0), _words(b, 0)) for a, b in both),
        "shape right": _shared((_words(a, -1), _words(b, -1)) for a, b in both),
        "class right": _shared(both),
        "number right": fmean(float(len(a) == len(b)) for a, b in both),
        "order right": _in_order(asked, found),
    }


def _words(names: Sequence[str], place: int) -> list[str]:
    return [name.split()[place] for name in names]


def _shared(pairs: Iterable[tuple[Sequence[str], Sequence[str]]]) -> float:
    """Share of what was asked for that is there, as often as it was asked."""
    counted = [(Counter(asked), Counter(found)) for asked, found in pairs]
    there = sum((asked & found).total() for asked, found in counted)
    return there / max(1, sum(asked.total() for asked, _ in counted))


def _in_order(asked: Sequence[Sequence[str]], found: Sequence[Sequence[Found]]) -> float:
    """Share of neighbours asked for of which the left one is left; a missing one is wrong."""
    right = []
    for names, things in zip(asked, found, strict=True):
        for a, b in pairwise(names):
            first = [thing.x for thing in things if thing.name == a]
            second = [thing.x for thing in things if thing.name == b]
            right.append(bool(first and second and min(first) < max(second)))
    return fmean(right) if right else 1.0
