import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.training.scenes.geometry import (
    PROFILE,
    area,
    bounds,
    convex_hull,
    intersection,
    outline,
    project,
)

SQUARE = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
coordinates = st.floats(-1, 1).map(lambda value: round(value, 3))
points = st.lists(st.tuples(coordinates, coordinates), min_size=5, max_size=20)


def test_points_further_away_appear_higher_and_closer_together() -> None:
    near, far = project(1.0, 0.0, -1.0), project(1.0, 0.0, 2.0)
    assert far[1] > near[1]
    assert 0 < far[0] < near[0]


def test_the_area_of_overlapping_squares_is_their_common_part() -> None:
    moved = [(u + 0.25, v - 0.5) for u, v in SQUARE]
    assert area(intersection(SQUARE, moved)) == pytest.approx(0.375)


def test_polygons_that_do_not_touch_have_nothing_in_common() -> None:
    assert area(intersection(SQUARE, [(u + 3, v) for u, v in SQUARE])) == 0


@given(points)
def test_a_hull_does_not_lose_area_when_cut_by_itself(corners: list[tuple[float, float]]) -> None:
    hull = convex_hull(corners)
    if len(hull) > 2:
        assert area(intersection(hull, hull)) == pytest.approx(area(hull), abs=1e-9)


@given(points, points)
def test_a_common_part_is_no_larger_than_either_polygon(
    a: list[tuple[float, float]], b: list[tuple[float, float]]
) -> None:
    first, second = convex_hull(a), convex_hull(b)
    if min(len(first), len(second)) > 2:
        common = area(intersection(first, second))
        assert -1e-9 <= common <= min(area(first), area(second)) + 1e-9
        assert common == pytest.approx(area(intersection(second, first)), abs=1e-9)


def test_boxes_are_pixels_from_the_top_left() -> None:
    assert bounds([(-1.0, 1.0), (0.0, 0.0)], 128) == (0.0, 0.0, 64.0, 64.0)


@pytest.mark.parametrize("shape", PROFILE)
def test_an_outline_holds_the_foot_and_the_top_of_its_solid(shape: str) -> None:
    corners = outline(shape, 0.9, 0.3, 0.5, math.radians(30))
    _, v0 = project(0.3, 0.0, 0.5)
    _, v1 = project(0.3, 0.9 * PROFILE[shape][1], 0.5)
    lowest, highest = min(v for _, v in corners), max(v for _, v in corners)
    assert lowest < v0
    assert highest >= v1 - 1e-9
