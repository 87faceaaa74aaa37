"""Several lines in one picture, with axes."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from PIL import Image as Pillow
from PIL import ImageDraw
from torch import Tensor

from nodes.measuring.plot import FAINT, INK, PAPER
from nodes.plot_values import Series

COLOURS = ("#c2410c", "#1d4ed8", "#15803d", "#a21caf", "#b45309", "#0e7490", "#4b5563", "#be123c")
LEFT, RIGHT, BOTTOM, LINE = 64, 16, 44, 14
DOT = 3
TICKS = 5
MOST_DOTS = 64
"""Points of a line that are marked; longer lines are lines only."""


@dataclass(frozen=True)
class Axis:
    """From numbers to shares of a side, 0..1."""

    low: float
    high: float
    log: bool

    def share(self, value: float) -> float:
        """Where a number lies."""
        low, high, at = (math.log(v) if self.log else v for v in (self.low, self.high, value))
        return (at - low) / (high - low) if high > low else 0.5

    def ticks(self, values: Sequence[float]) -> list[float]:
        """Numbers to write: those that occur if they are few, else evenly spread."""
        occurring = sorted(set(values))
        if len(occurring) <= TICKS + 2:
            return occurring
        spread = [k / (TICKS - 1) for k in range(TICKS)]
        if self.log:
            return [self.low * (self.high / self.low) ** share for share in spread]
        return [self.low + (self.high - self.low) * share for share in spread]


def draw_chart(
    series: Sequence[Series], title: str, log: tuple[bool, bool], size: tuple[int, int]
) -> Tensor:
    """Lines with points, a legend and axes: 1 3 H W in [0, 1].

    Args:
        series: The lines.
        title: Heading.
        log: Whether x, and whether y, is spaced by its logarithm.
        size: Width and height in pixels.

    Raises:
        ValueError: No point can be shown.
    """
    lines = [[p for p in one.points if _shown(p, log)] for one in series]
    points = [point for line in lines for point in line]
    if not points:
        raise ValueError("there is no point to plot: all are missing, infinite, or not above 0")
    xs, ys = ([point[axis] for point in points] for axis in (0, 1))
    across, up = Axis(min(xs), max(xs), log[0]), Axis(min(ys), max(ys), log[1])
    width, height = size
    picture = Pillow.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(picture)
    top = 12 + LINE * (len(series) + (1 if title else 0))

    def place(point: tuple[float, float]) -> tuple[float, float]:
        x, y = across.share(point[0]), up.share(point[1])
        return LEFT + (width - LEFT - RIGHT) * x, height - BOTTOM - (height - BOTTOM - top) * y

    _draw_axes(draw, place, (across, up), (xs, ys), size)
    draw.text((LEFT, height - 18), series[0].across, INK)
    draw.text((8, 6), title or series[0].up, INK)
    for k, (one, line) in enumerate(zip(series, lines, strict=True)):
        colour = COLOURS[k % len(COLOURS)]
        _draw_line(draw, [place(point) for point in line], colour)
        y = 6 + LINE * (k + 1)
        draw.line([(10, y + 6), (30, y + 6)], colour, 3)
        draw.text((36, y), one.title + (f": {one.up}" if one.title != one.up else ""), INK)
    data = torch.frombuffer(bytearray(picture.tobytes()), dtype=torch.uint8)
    return data.reshape(height, width, 3).permute(2, 0, 1)[None].float() / 255


def _shown(point: tuple[float, float], log: tuple[bool, bool]) -> bool:
    return all(
        math.isfinite(value) and (value > 0 or not by_log)
        for value, by_log in zip(point, log, strict=True)
    )


def _draw_axes(
    draw: ImageDraw.ImageDraw,
    place: Callable[[tuple[float, float]], tuple[float, float]],
    axes: tuple[Axis, Axis],
    values: tuple[Sequence[float], Sequence[float]],
    size: tuple[int, int],
) -> None:
    """Faint lines with their numbers."""
    across, up = axes
    for tick in up.ticks(values[1]) if len(set(values[1])) <= 3 else up.ticks(range(99)):
        _, y = place((across.low, tick))
        draw.line([(LEFT, y), (size[0] - RIGHT, y)], FAINT)
        draw.text((8, y - 6), f"{tick:.3g}", INK)
    for tick in across.ticks(values[0]):
        x, y = place((tick, up.low))
        draw.line([(x, y), (x, y + 4)], INK)
        draw.text((x - 8, y + 8), f"{tick:.4g}", INK)


def _draw_line(
    draw: ImageDraw.ImageDraw, places: Sequence[tuple[float, float]], colour: str
) -> None:
    if len(places) > 1:
        draw.line(list(places), colour, 2)
    for x, y in places if len(places) <= MOST_DOTS else ():
        draw.ellipse([(x - DOT, y - DOT), (x + DOT, y + DOT)], colour)
