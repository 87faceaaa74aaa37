from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow
from torch import Tensor

from engine.node import FileRef
from nodes.mask import (
    blur_mask,
    combine_masks,
    full_mask,
    grow_mask,
    invert_mask,
    load_mask,
    rectangle_mask,
    resize_mask,
)
from nodes.values import Image, Mask
from tests.nodes.asking import messages

edges = st.integers(-20, 40)


@st.composite
def masks(draw: st.DrawFn, soft: bool = False) -> Mask:
    batch, height, width = (draw(st.integers(1, most)) for most in (2, 12, 12))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    data = torch.rand(batch, 1, height, width, generator=generator)
    return Mask(data if soft else (data < 0.3).float())


def at_most(a: Tensor, b: Tensor) -> bool:
    return bool((a <= b).all())


@given(st.integers(1, 30), st.integers(1, 30), edges, edges, edges, edges)
def test_a_rectangle_repaints_exactly_the_pixels_inside_it(
    width: int, height: int, left: int, top: int, right: int, bottom: int
) -> None:
    data = rectangle_mask(width, height, left, top, right, bottom).data
    inside = [
        [float(left <= x < right and top <= y < bottom) for x in range(width)]
        for y in range(height)
    ]

    assert data.tolist() == [[inside]]


def test_a_full_mask_has_the_size_of_its_picture() -> None:
    mask = full_mask(Image(torch.zeros(2, 3, 5, 7)))

    assert torch.equal(mask.data, torch.ones(2, 1, 5, 7))


@given(masks())
def test_inverting_twice_changes_nothing(mask: Mask) -> None:
    assert torch.equal(invert_mask(invert_mask(mask)).data, mask.data)
    assert torch.equal(invert_mask(mask).data + mask.data, torch.ones_like(mask.data))


@given(masks(soft=True), st.integers(0, 20), st.integers(0, 20))
def test_growing_more_never_repaints_less(mask: Mask, pixels: int, more: int) -> None:
    small, large = grow_mask(mask, pixels).data, grow_mask(mask, pixels + more).data

    assert at_most(mask.data, small)
    assert at_most(small, large)
    assert at_most(grow_mask(mask, -pixels - more).data, grow_mask(mask, -pixels).data)
    assert at_most(grow_mask(mask, -pixels).data, mask.data)


@given(masks(), st.integers(1, 14))
def test_growing_reaches_every_pixel_within_the_brush(mask: Mask, pixels: int) -> None:
    grown = grow_mask(mask, pixels).data
    height, width = grown.shape[-2:]
    for y, x in torch.nonzero(mask.data[0, 0]).tolist():
        top, left = max(0, y - pixels), max(0, x - pixels)
        assert bool((grown[0, 0, top : y + pixels + 1, left : x + pixels + 1] == 1).all())
    assert grown.shape == mask.data.shape == (len(mask.data), 1, height, width)


@given(masks(), st.integers(0, 14))
def test_shrinking_a_hole_is_growing_what_is_kept(mask: Mask, pixels: int) -> None:
    kept = grow_mask(invert_mask(mask), pixels)

    assert grow_mask(mask, -pixels).to_bytes() == invert_mask(kept).to_bytes()


@given(masks(soft=True), st.sampled_from([0.0, 0.1, 0.5, 2.0, 32.0]))
def test_blurring_stays_between_the_extremes(mask: Mask, radius: float) -> None:
    blurred = blur_mask(mask, radius).data

    assert blurred.shape == mask.data.shape
    assert float(blurred.max()) <= float(mask.data.max()) + 1e-6
    assert float(blurred.min()) >= float(mask.data.min()) - 1e-6


def test_blurring_softens_an_edge_evenly() -> None:
    edge = rectangle_mask(64, 5, 32, 0, 64, 5)
    row = blur_mask(edge, 3.0).data[0, 0, 2]

    assert bool((row.diff() >= -1e-6).all())
    assert torch.allclose(row + row.flip(0), torch.ones(64), atol=1e-6)
    assert float(row[35]) == pytest.approx(0.879, abs=2e-3)  # Phi((3 + 0.5) / 3)
    assert row[:20].count_nonzero() == 0


def test_a_radius_of_zero_keeps_the_mask_bit_for_bit() -> None:
    mask = Mask(torch.rand(1, 1, 4, 4))

    assert blur_mask(mask, 0.0).to_bytes() == mask.to_bytes()


@given(masks(soft=True), st.integers(0, 2**31))
def test_masks_combine_as_sets_do(first: Mask, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    second = Mask((torch.rand(first.data.shape, generator=generator) < 0.5).float())
    union, both = (
        combine_masks(first, second).data,
        combine_masks(first, second, "intersection").data,
    )
    rest = combine_masks(first, second, "difference").data

    assert torch.equal(union, combine_masks(second, first).data)
    assert at_most(both, first.data)
    assert at_most(both, second.data)
    assert at_most(first.data, union)
    assert torch.equal(union + both, first.data + second.data)
    assert torch.equal(rest, first.data * (1 - second.data))
    assert torch.equal(combine_masks(first, first).data, first.data)


def test_masks_of_different_sizes_or_batches_are_refused() -> None:
    flat, steep = Mask(torch.zeros(1, 1, 2, 4)), Mask(torch.zeros(1, 1, 4, 2))
    two, three = Mask(torch.zeros(2, 1, 2, 2)), Mask(torch.zeros(3, 1, 2, 2))

    assert messages(combine_masks, first=flat, second=steep) == [
        "second: `second` is 2 x 4 but `first` is 4 x 2"
    ]
    assert messages(combine_masks, first=two, second=three) == [
        "second: `first` is a batch of 2 but `second` is a batch of 3"
    ]
    assert messages(combine_masks, first=two, second=Mask(two.data[:1])) == []


def test_a_mask_file_repaints_where_it_is_white(tmp_path: Path) -> None:
    picture = Pillow.new("L", (3, 2), 0)
    picture.putpixel((2, 0), 255)
    picture.putpixel((0, 1), 51)
    path = tmp_path / "mask.png"
    picture.save(path)
    file = FileRef(path.name, "ab" * 32, path)

    assert load_mask(file).data[0, 0].flatten().tolist() == pytest.approx([0, 0, 1, 0.2, 0, 0])
    assert load_mask(file, invert=True).data[0, 0, 0].tolist() == [1, 1, 0]


@given(masks(), st.integers(1, 30), st.integers(1, 30))
def test_a_scaled_mask_has_the_size_asked_for_and_keeps_its_hard_edges(
    mask: Mask, width: int, height: int
) -> None:
    scaled = resize_mask(mask, width, height).data

    assert scaled.shape == (len(mask.data), 1, height, width)
    assert set(scaled.flatten().tolist()) <= set(mask.data.flatten().tolist())


@given(masks(), st.integers(1, 4))
def test_a_mask_scaled_up_and_back_is_itself(mask: Mask, times: int) -> None:
    height, width = mask.data.shape[2:]
    large = resize_mask(mask, width * times, height * times)

    assert resize_mask(large, width, height).to_bytes() == mask.to_bytes()
