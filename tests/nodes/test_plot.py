"""Figures of several measurements as a line, and as one table."""

import pytest

from nodes.plot import collect_series, join_metrics
from nodes.values import Metrics

RUNS = [
    Metrics("f = 1", (("factor f", 1.0), ("speed", 4.0))),
    Metrics("f = 8", (("factor f", 8.0), ("speed", 12.0))),
]


def test_a_figure_of_each_measurement_is_a_point() -> None:
    found = collect_series(RUNS, up="speed")

    assert found.points == ((1.0, 4.0), (8.0, 12.0))
    assert (found.title, found.across, found.up) == ("speed", "factor f", "speed")


def test_ratios_are_to_the_first() -> None:
    found = collect_series(RUNS, up="speed", title="fast", ratio=True)

    assert found.points == ((1.0, 1.0), (8.0, 3.0))
    assert "multiple" in found.up


def test_a_figure_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(ValueError, match="f = 1 has no figure 'quality'; it has factor f, speed"):
        collect_series(RUNS, up="quality")


def test_ratios_to_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="ratio"):
        collect_series([Metrics("a", (("x", 1.0), ("y", 0.0)))], "x", "y", ratio=True)


def test_figures_of_one_thing_are_put_together() -> None:
    found = join_metrics([RUNS[0], Metrics("b", (("quality", 2.0), ("speed", 5.0)))], "both")

    assert found == Metrics("both", (("factor f", 1.0), ("speed", 5.0), ("quality", 2.0)))
