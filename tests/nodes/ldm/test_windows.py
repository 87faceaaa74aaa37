"""Windows cover everything, and blending them is the identity where they agree."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nodes.ldm.windows import Span, blended, spans


@given(st.integers(1, 200), st.integers(2, 40), st.data())
def test_windows_cover_the_whole_length_and_never_leave_it(
    length: int, tile: int, data: st.DataObject
) -> None:
    overlap = data.draw(st.integers(0, tile - 1))
    found = spans(length, tile, overlap)
    assert {i for begin, end in found for i in range(begin, end)} == set(range(length))
    assert all(end - begin == min(tile, length) for begin, end in found)
    assert all(first[1] - second[0] >= overlap for first, second in pairwise(found))


def test_an_overlap_as_large_as_the_tile_is_refused() -> None:
    with pytest.raises(ValueError, match="overlap is 8"):
        spans(20, 8, 8)


@pytest.mark.parametrize(("height", "width"), [(5, 9), (8, 8), (13, 31)])
def test_windows_that_agree_blend_to_the_whole(height: int, width: int) -> None:
    x = torch.rand(2, 3, height, width)
    assert torch.allclose(blended(x, 8, 3, lambda part, rows, columns: part), x, atol=1e-6)


def test_windows_may_come_back_larger() -> None:
    x = torch.rand(1, 1, 20, 12)

    def twice(part: torch.Tensor, rows: Span, columns: Span) -> torch.Tensor:
        return part.repeat_interleave(2, -1).repeat_interleave(2, -2)

    assert torch.allclose(blended(x, 8, 4, twice), twice(x, (0, 0), (0, 0)), atol=1e-6)


def test_windows_that_differ_blend_without_a_seam() -> None:
    x = torch.zeros(1, 1, 8, 40)
    steps = blended(x, 16, 8, lambda part, rows, columns: part + columns[0]).diff(dim=-1)
    assert steps.abs().max() < 2.1, "two windows 8 apart in value meet over 8 cells"
