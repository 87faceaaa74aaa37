"""Masks: 1 where to repaint, 0 where to keep."""

from __future__ import annotations

from typing import Annotated, Literal

from engine.node import File, FileRef, Range, node
from nodes.picture_files import SUFFIXES, check_picture
from nodes.values import Image, Mask, require_batches

Side = Annotated[int, Range(ge=1, le=8192, step=8)]
Offset = Annotated[int, Range(ge=-8192, le=8192, step=8)]


@node("LoadMask", version=1, category="mask")
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


@node("RectangleMask", version=1, category="mask")
def rectangle_mask(
    width: Side = 128,
    height: Side = 128,
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


@node("FullMask", version=1, category="mask")
def full_mask(image: Image) -> Mask:
    """Make a mask that repaints all of a picture.

    Args:
        image: Picture to match in size, B 3 H W.
    """
    import torch

    return Mask(torch.ones_like(image.data[:, :1]))


@node("InvertMask", version=1, category="mask")
def invert_mask(mask: Mask) -> Mask:
    """Swap repaint and keep.

    Args:
        mask: B 1 H W.
    """
    return Mask(1 - mask.data)


@node("GrowMask", version=1, category="mask")
def grow_mask(mask: Mask, pixels: Annotated[int, Range(ge=-64, le=64, step=1)] = 4) -> Mask:
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
def blur_mask(mask: Mask, radius: Annotated[float, Range(ge=0, le=32, step=0.5)] = 2.0) -> Mask:
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


@node("CombineMasks", version=1, category="mask")
def combine_masks(
    first: Mask, second: Mask, how: Literal["union", "intersection", "difference"] = "union"
) -> Mask:
    """Join two masks of one size.

    Args:
        first: B 1 H W.
        second: B 1 H W.
        how: Union repaints what either does, intersection what both do, difference what only the
            first does.
    """
    if first.data.shape[-2:] != second.data.shape[-2:]:
        (h, w), (h2, w2) = first.data.shape[-2:], second.data.shape[-2:]
        raise ValueError(f"`first` is {w} x {h} but `second` is {w2} x {h2}; make them one size")
    require_batches(first=first, second=second)
    if how == "union":
        return Mask(first.data.maximum(second.data))
    if how == "intersection":
        return Mask(first.data.minimum(second.data))
    return Mask((first.data - second.data).clamp(min=0))
