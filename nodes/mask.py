"""Masks: 1 where to repaint, 0 where to keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from engine.node import (
    Edit,
    Facts,
    File,
    FileRef,
    Finding,
    Fix,
    Inference,
    Of,
    Range,
    node,
)
from nodes.picture_files import SUFFIXES, check_picture, picture_size
from nodes.sizes import (
    Pixels,
    batches_differ,
    largest_batch,
    picture_facts,
    size_of,
    sized,
    sizes_differ,
)
from nodes.values import Image, Mask

Offset = Annotated[int, Range(ge=-8192, le=8192, step=8)]


def _infer_file(given: Inference) -> Mapping[str, Facts] | None:
    file = given.settings["file"]
    return None if file is None else {"mask": picture_facts(picture_size(file.path))}


@node("LoadMask", version=1, category="mask", infer=_infer_file)
def load_mask(
    file: Annotated[FileRef, File("inputs", SUFFIXES, check_picture)],
    invert: bool = False,
) -> Mask:
    """Read a mask: white repaints, black keeps; the clear part of a transparent picture repaints.

    Args:
        file: PNG, JPEG, WebP, BMP or TIFF.
        invert: Swap repaint and keep.
    """
    from nodes.picture_files import read_grey

    grey = read_grey(file.path)
    return Mask(1 - grey if invert else grey)


def _infer_rectangle(given: Inference) -> Mapping[str, Facts]:
    return {"mask": sized(given.settings.get("width"), given.settings.get("height"), 1)}


def _review_rectangle(given: Inference) -> Iterator[Finding]:
    """Find rectangles without a pixel in the picture."""
    settings = given.settings
    for begin, end, length in (("left", "right", "width"), ("top", "bottom", "height")):
        first, last, side = settings[begin], settings[end], settings[length]
        if None not in (first, last, side) and (first >= last or last <= 0 or first >= side):
            whole = (Edit("", begin, 0), Edit("", end, side))
            yield Finding(
                f"the rectangle goes from {first} to {last} of {side} pixels, so it is empty and"
                " nothing will be repainted",
                port=begin,
                got=f"{begin} {first}, {end} {last}",
                expected=f"{begin} below {end}, within 0 to {side}",
                fixes=(Fix(f"set {begin} to 0 and {end} to {side}", whole),),
                severity="warning",
                code="empty-mask",
            )


@node(
    "RectangleMask",
    version=1,
    category="mask",
    infer=_infer_rectangle,
    review=_review_rectangle,
)
def rectangle_mask(
    width: Pixels = 128,
    height: Pixels = 128,
    left: Offset = 32,
    top: Offset = 32,
    right: Offset = 96,
    bottom: Offset = 96,
) -> Mask:
    """Make a mask that repaints one rectangle.

    Args:
        width: Width of the picture in pixels.
        height: Height of the picture in pixels.
        left: Left edge of the rectangle.
        top: Upper edge of the rectangle.
        right: Right edge, not included.
        bottom: Lower edge, not included.
    """
    import torch

    mask = torch.zeros(1, 1, height, width)
    mask[..., max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = 1
    return Mask(mask)


def _infer_resized(given: Inference) -> Mapping[str, Facts]:
    batch = given.facts.get("mask", {}).get("n")
    return {"mask": sized(given.settings.get("width"), given.settings.get("height"), batch)}


@node("ResizeMask", version=1, category="mask", infer=_infer_resized)
def resize_mask(mask: Mask, width: Pixels = 128, height: Pixels = 128) -> Mask:
    """Scale a mask; every pixel takes the nearest one, so a hard edge stays hard.

    Args:
        mask: B 1 H W.
        width: New width in pixels.
        height: New height in pixels.
    """
    from torch.nn import functional as F

    return Mask(F.interpolate(mask.data, (height, width), mode="nearest-exact"))


@node("FullMask", version=1, category="mask")
def full_mask(
    image: Annotated[Image, Of(h="h", w="w", n="n")],
) -> Annotated[Mask, Of(h="h", w="w", n="n")]:
    """Make a mask that repaints all of a picture.

    Args:
        image: Picture to match in size, B 3 H W.
    """
    import torch

    return Mask(torch.ones_like(image.data[:, :1]))


@node("InvertMask", version=1, category="mask")
def invert_mask(
    mask: Annotated[Mask, Of(h="h", w="w", n="n")],
) -> Annotated[Mask, Of(h="h", w="w", n="n")]:
    """Swap repaint and keep.

    Args:
        mask: B 1 H W.
    """
    return Mask(1 - mask.data)


@node("GrowMask", version=1, category="mask")
def grow_mask(
    mask: Annotated[Mask, Of(h="h", w="w", n="n")],
    pixels: Annotated[int, Range(ge=-64, le=64, step=1)] = 4,
) -> Annotated[Mask, Of(h="h", w="w", n="n")]:
    """Let the hole grow, or shrink with a negative number, by a square brush.

    Args:
        mask: B 1 H W.
        pixels: How far the edge moves outwards.
    """
    from torch.nn import functional as F

    reach = abs(pixels)
    sign = 1 if pixels >= 0 else -1
    edges = F.max_pool2d(sign * mask.data, 2 * reach + 1, stride=1, padding=reach)
    return Mask(edges.abs())


@node("BlurMask", version=1, category="mask")
def blur_mask(
    mask: Annotated[Mask, Of(h="h", w="w", n="n")],
    radius: Annotated[float, Range(ge=0, le=32, step=0.5)] = 2.0,
) -> Annotated[Mask, Of(h="h", w="w", n="n")]:
    """Soften the edge of a mask by a Gaussian, so that Composite blends instead of cutting.

    Args:
        mask: B 1 H W.
        radius: Standard deviation in pixels.
    """
    import torch
    from torch.nn import functional as F

    if radius == 0:
        return mask
    reach = int(3 * radius + 0.5)
    weights = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / radius) ** 2)
    weights = weights / weights.sum()
    across = F.conv2d(
        F.pad(mask.data, (reach, reach, 0, 0), "replicate"), weights[None, None, None]
    )
    down = F.pad(across, (0, 0, reach, reach), "replicate")
    return Mask(F.conv2d(down, weights[None, None, :, None]).clamp(0, 1))


def _infer_combined(given: Inference) -> Mapping[str, Facts]:
    sizes = (size_of(given.facts.get(port, {})) for port in ("first", "second"))
    batch = largest_batch(given, "first", "second")
    return {"mask": picture_facts(next(filter(None, sizes), None), batch)}


def _review_combined(given: Inference) -> Iterator[Finding]:
    yield from sizes_differ(given, "first", "second", "ResizeMask")
    yield from batches_differ(given, "first", "second")


@node(
    "CombineMasks",
    version=1,
    category="mask",
    infer=_infer_combined,
    review=_review_combined,
)
def combine_masks(
    first: Mask,
    second: Mask,
    how: Literal["union", "intersection", "difference"] = "union",
) -> Mask:
    """Join two masks of one size.

    Args:
        first: B 1 H W.
        second: B 1 H W.
        how: Union repaints what either does, intersection what both do, difference what only the
            first does.
    """
    if how == "union":
        return Mask(first.data.maximum(second.data))
    if how == "intersection":
        return Mask(first.data.minimum(second.data))
    return Mask((first.data - second.data).clamp(min=0))
