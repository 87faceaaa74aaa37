"""What plots are made of."""

from __future__ import annotations

from dataclasses import dataclass

from nodes.value_kinds import JsonValue


@dataclass(frozen=True)
class Series(JsonValue):
    """One line of a plot.

    Attributes:
        title: What it is, for the legend.
        across: What its x are.
        up: What its y are.
        points: Pairs (x, y) in the order they are joined.
    """

    title: str
    across: str
    up: str
    points: tuple[tuple[float, float], ...]
