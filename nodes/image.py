"""Pictures: load, scale, cut, lay over one another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from engine.node import (
    Context,
    Edit,
    Facts,
    File,
    FileRef,
    Finding,
    Fix,
    Inference,
    Of,
    Range,
    Stem,
    node,
)
from nodes.measuring.layout import sheet_size
from nodes.picture_files import SUFFIXES, check_picture, picture_size
from nodes.sizes import (
    Pixels,
    batches_differ,
    by,
    largest_batch,
    picture_facts,
    resizing,
    size_of,
    sized,
    sizes_differ,
)
from nodes.values import Image, Mask


def _infer_file(given: Inference) -> Mapping[str, Facts] | None:
    file = given.settings["file"]
    return None if file is None else {"image": picture_facts(picture_size(file.path))}


def _infer_setting(given: Inference) -> Mapping[str, Facts]:
    """A picture of the size that is set, as many as come in."""
    batch = given.facts.get("image", {"n": 1}).get("n")
    return {"image": sized(given.settings.get("width"), given.settings.get("height"), batch)}


@node("LoadImage", version=1, category="picture", infer=_infer_file)
def load_image(file: Annotated[FileRef, File("inputs", SUFFIXES, check_picture)]) -> Image:
    """Read a picture from a file beside the workflow or in `input/`.

    Transparent parts are laid on white; 16-bit and palette pictures become 8-bit RGB.

    Args:
        file: PNG, JPEG, WebP, BMP or TIFF.
    """
    from nodes.picture_files import read_picture

    return Image(read_picture(file.path))


@node("Resize", version=1, category="picture", infer=_infer_setting)
def resize(
    image: Image,
    width: Pixels = 128,
    height: Pixels = 128,
    method: Literal["bilinear", "bicubic", "nearest"] = "bicubic",
) -> Image:
    """Scale a picture, anti-aliased when it shrinks.

    Args:
        image: B 3 H W.
        width: New width in pixels.
        height: New height in pixels.
        method: Interpolation.
    """
    from torch.nn import functional as F

    smooth = method != "nearest"
    data = F.interpolate(image.data, (height, width), mode=method, antialias=smooth)
    return Image(data.clamp(0, 1))


def _review_crop(given: Inference) -> Iterator[Finding]:
    """Find rectangles that leave the picture, as far as both are known."""
    size = size_of(given.facts.get("image", {}))
    for side, (length, begin) in enumerate((("width", "left"), ("height", "top"))):
        wanted, first = given.settings[length], given.settings[begin]
        if size and None not in (wanted, first) and first + wanted > size[side]:
            room = max(1, size[side] - first)
            smaller = Fix(f"set {length} to {room}", (Edit("", length, room),))
            moved = Fix(f"set {begin} to 0", (Edit("", begin, 0),))
            fits = (smaller,) if first < size[side] else (moved,)
            yield Finding(
                f"the rectangle ends at {first + wanted}, but the picture is {by(size)}",
                port=length if first < size[side] else begin,
                got=f"{begin} + {length} = {first + wanted}",
                expected=f"at most {size[side]}",
                fixes=fits,
                code="outside-picture",
            )


@node("Crop", version=1, category="picture", infer=_infer_setting, review=_review_crop)
def crop(
    image: Image,
    width: Pixels = 128,
    height: Pixels = 128,
    left: Annotated[int, Range(ge=0, le=8192)] = 0,
    top: Annotated[int, Range(ge=0, le=8192)] = 0,
) -> Image:
    """Cut a rectangle out of a picture.

    Args:
        image: B 3 H W.
        width: Width of the rectangle in pixels.
        height: Height of the rectangle in pixels.
        left: Its left edge, pixels from the left.
        top: Its upper edge, pixels from the top.
    """
    full_height, full_width = image.data.shape[-2:]
    if left + width > full_width or top + height > full_height:
        raise ValueError(
            f"the rectangle ends at {left + width} x {top + height}, but the picture is"
            f" {full_width} x {full_height}; make it smaller or move it"
        )
    return Image(image.data[..., top : top + height, left : left + width])


def _infer_mask_image(given: Inference) -> Mapping[str, Facts]:
    size = size_of(given.facts.get("image", {})) or size_of(given.facts.get("mask", {}))
    return {"image": picture_facts(size, largest_batch(given, "image", "mask"))}


def _review_mask_image(given: Inference) -> Iterator[Finding]:
    yield from sizes_differ(given, "image", "mask", "ResizeMask")
    yield from batches_differ(given, "image", "mask")


@node(
    "MaskImage",
    version=1,
    category="picture",
    infer=_infer_mask_image,
    review=_review_mask_image,
)
def mask_image(image: Image, mask: Mask) -> Image:
    """Paint the hole mid-grey, as inpainting models expect their masked picture.

    Args:
        image: B 3 H W.
        mask: B 1 H W, 1 = hole.
    """
    hole = mask.data.round()
    return Image(image.data * (1 - hole) + 0.5 * hole)


def _infer_composite(given: Inference) -> Mapping[str, Facts]:
    ports = ("background", "foreground", "mask")
    sizes = (size_of(given.facts.get(port, {})) for port in ports)
    return {"image": picture_facts(next(filter(None, sizes), None), largest_batch(given, *ports))}


def _review_composite(given: Inference) -> Iterator[Finding]:
    yield from sizes_differ(given, "background", "foreground")
    yield from sizes_differ(given, "background", "mask", "ResizeMask")
    yield from batches_differ(given, "background", "foreground", "mask")


@node(
    "Composite",
    version=1,
    category="picture",
    infer=_infer_composite,
    review=_review_composite,
)
def composite(background: Image, foreground: Image, mask: Mask) -> Image:
    """Lay one picture over another where the mask says so: (1 - m) background + m foreground.

    Where the mask is 0 the background comes through bit for bit.

    Args:
        background: Shown where the mask is 0, B 3 H W.
        foreground: Shown where the mask is 1, B 3 H W.
        mask: B 1 H W, 0..1.
    """
    import torch

    m = mask.data
    mixed = torch.where(m == 0, background.data, torch.lerp(background.data, foreground.data, m))
    return Image(torch.where(m == 1, foreground.data, mixed))


@node("PreviewImage", version=1, category="picture", effect=True)
def preview_image(image: Image, ctx: Context) -> None:
    """Show a picture without keeping it among the results.

    Args:
        image: B 3 H W.
    """
    from nodes.picture_files import png_bytes

    for picture in image.data:
        ctx.save("preview", ".png", png_bytes(picture), temporary=True)


@node("SaveImage", version=2, category="picture", effect=True, receipt=True)
def save_image(image: Image, ctx: Context, name: Annotated[str, Stem()] = "picture") -> None:
    """Write each picture of a batch as PNG to the output folder, numbered, never overwriting.

    Each tells how it was made, so that it can be made again: `--workflow picture.png`.

    Args:
        image: B 3 H W.
        name: Start of the file names; a folder may stand before it.
    """
    from nodes.picture_files import png_bytes

    for picture in image.data:
        ctx.save(name, ".png", png_bytes(picture, ctx.receipt()))


@node("SolidImage", version=1, category="picture", infer=_infer_setting)
def solid_image(
    width: Pixels = 128,
    height: Pixels = 128,
    grey: Annotated[float, Range(ge=0, le=1, step=0.1)] = 0.5,
) -> Image:
    """Make a picture of one grey.

    Args:
        width: Pixels across.
        height: Pixels down.
        grey: 0 is black, 1 is white.
    """
    import torch

    return Image(torch.full((1, 3, height, width), grey))


def _infer_sheet(given: Inference) -> Mapping[str, Facts] | None:
    size, columns = size_of(given.facts.get("pictures", {})), given.settings["columns"]
    counts = [item.get("n") for item in given.items.get("pictures", ())]
    if size is None or columns is None:
        return None
    known = [count for count in counts if isinstance(count, int)]
    rows = -(-sum(known) // columns) if len(known) == len(counts) else None
    return {"image": sized(*sheet_size(*size, columns, rows), 1)}


def _review_sheet(given: Inference) -> Iterator[Finding]:
    sizes = list(filter(None, map(size_of, given.items.get("pictures", ()))))
    if len(set(sizes)) > 1:
        yield Finding(
            f"the pictures have the sizes {', '.join(map(by, dict.fromkeys(sizes)))}",
            port="pictures",
            got=", ".join(map(by, sizes)),
            expected="one size",
            fixes=(resizing("pictures", *sizes[0]),),
            code="sizes-differ",
        )


@node(
    "ContactSheet",
    version=1,
    category="picture",
    infer=_infer_sheet,
    review=_review_sheet,
)
def contact_sheet(
    pictures: list[Image],
    columns: Annotated[int, Range(ge=1, le=64, step=1)] = 4,
) -> Image:
    """Lay pictures out in rows on white, to look at them together.

    Args:
        pictures: Batches of one picture size, in the order they are laid out.
        columns: Pictures in a row.
    """
    import torch

    from nodes.measuring.sheet import grid

    return Image(grid(torch.cat([part.data for part in pictures]), columns))


@node("Grey", version=1, category="picture")
def grey_picture(
    image: Annotated[Image, Of(h="h", w="w", n="n")],
) -> Annotated[Image, Of(h="h", w="w", n="n")]:
    """Take the colours of a picture away (luma of Rec. 601).

    Args:
        image: The picture.
    """
    from nodes.ldm.pictures import grey

    return Image(grey(image.data).contiguous())
