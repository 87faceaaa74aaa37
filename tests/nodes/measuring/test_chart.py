"""Lines in one picture: where points lie, what is left out, what is written."""

import pytest
import torch

from nodes.measuring.chart import Axis, draw_chart
from nodes.plot_values import Series

SIZE = (320, 200)
RISING = Series("rising", "x", "y", ((1.0, 1.0), (10.0, 10.0), (100.0, 100.0)))
FALLING = Series("falling", "x", "y", ((1.0, 100.0), (10.0, 10.0), (100.0, 1.0)))


def reds(picture: torch.Tensor) -> list[tuple[int, int]]:
    """Pixels of the first line's colour right of the legend."""
    found = (picture[0, 0] > 0.7) & (picture[0, 1] < 0.4) & (picture[0, 2] < 0.2)
    found[:, :60] = False
    return [tuple(place) for place in found.nonzero().tolist()]


def test_an_axis_spreads_numbers_by_size_or_by_logarithm() -> None:
    assert Axis(1, 100, log=True).share(10) == pytest.approx(0.5)
    assert Axis(0, 10, log=False).share(2.5) == 0.25
    assert Axis(3, 3, log=False).share(3) == 0.5


def test_a_line_rises_from_left_below_to_right_above() -> None:
    places = reds(draw_chart([RISING], "", (True, True), SIZE))
    first, last = min(places, key=lambda p: p[1]), max(places, key=lambda p: p[1])

    assert first[0] > last[0] + 80
    assert last[1] > 290


def test_lines_have_colours_of_their_own() -> None:
    one = draw_chart([RISING], "Title", (True, True), SIZE)
    two = draw_chart([RISING, FALLING], "Title", (True, True), SIZE)

    assert one.shape == two.shape == (1, 3, 200, 320)
    blues = [int(((picture[0, 2] > 0.7) & (picture[0, 0] < 0.3)).sum()) for picture in (one, two)]
    assert blues[1] > blues[0] + 50


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 0.0, -1.0])
def test_points_that_have_no_place_are_left_out(bad: float) -> None:
    holed = Series("rising", "x", "y", (*RISING.points, (50.0, bad)))
    log = (True, True)

    assert torch.equal(draw_chart([holed], "", log, SIZE), draw_chart([RISING], "", log, SIZE))


def test_nothing_to_plot_is_told() -> None:
    with pytest.raises(ValueError, match="no point to plot"):
        draw_chart([Series("none", "x", "y", ((1.0, float("nan")),))], "", (False, False), SIZE)
