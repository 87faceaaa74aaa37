import math
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nodes.measuring.plot import LINE, draw_curve, running_mean
from nodes.values import Curve


def heights(losses: tuple[float, ...], size: int = 200) -> list[float]:
    """Where the line is in each column it reaches, counted upwards from the bottom."""
    x = draw_curve(Curve("Test", losses), size, size)[0]
    colour = torch.tensor([int(LINE[i : i + 2], 16) for i in (1, 3, 5)]).view(3, 1, 1) / 255
    line = ((x - colour).abs() < 1e-3).all(dim=0)
    columns = torch.nonzero(line.any(dim=0)).flatten().tolist()
    return [size - float(torch.nonzero(line[:, c]).float().mean()) for c in columns]


def test_a_curve_is_a_picture_of_the_size_asked_for() -> None:
    x = draw_curve(Curve("First stage", (3.0, 2.0, 1.0)), 200, 150)

    assert x.shape == (1, 3, 150, 200)
    assert x.dtype == torch.float32
    assert float(x.min()) >= 0
    assert float(x.max()) <= 1


def test_equal_factors_are_equal_drops() -> None:
    """The scale is logarithmic: three losses in geometric sequence lie on a line."""
    ups = heights((100.0, 10.0, 1.0))
    drops = [a - b for a, b in pairwise(ups)]

    assert ups[0] - ups[-1] > 100
    assert max(drops) - min(drops) <= 1.5


@pytest.mark.parametrize("losses", [(0.5,), (0.5, 0.5), (0.0, 0.0), (1e-30, 1e30)])
def test_odd_curves_are_drawn_too(losses: tuple[float, ...]) -> None:
    assert len(heights(losses)) > 0


def test_losses_that_are_no_number_are_left_out() -> None:
    """A training that breaks down shows how far it came."""
    broken = (4.0, 2.0, 1.0, math.nan, math.inf, math.nan)

    assert len(heights(broken)) < 0.6 * len(heights((4.0, 2.0, 1.0, 1.0, 1.0, 1.0)))


def test_a_curve_without_any_number_is_refused() -> None:
    with pytest.raises(
        ValueError, match="no loss of 'Denoiser' is finite; train again with a small"
    ):
        draw_curve(Curve("Denoiser", (math.nan, math.inf)), 200, 150)


@given(st.lists(st.floats(-100, 100), max_size=30), st.integers(1, 40))
def test_a_running_mean_is_the_mean_of_the_last_values(values: list[float], window: int) -> None:
    for index, mean in enumerate(running_mean(values, window)):
        last = values[max(0, index + 1 - window) : index + 1]
        assert mean == pytest.approx(sum(last) / len(last), abs=1e-6)
