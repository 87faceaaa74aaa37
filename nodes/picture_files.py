"""Picture files: what is let in, and how pictures are read and written.

A file is judged by its header before a pixel is decoded: its real format, its size in pixels. So a
bomb, a stranger's SVG or a renamed program costs nothing and opens nothing.
"""

from __future__ import annotations

import io
import os
import struct
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from PIL import Image as Pillow
from PIL import ImageOps, UnidentifiedImageError

if TYPE_CHECKING:
    from torch import Tensor

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF")
MAX_SIDE = 16_384
MAX_PIXELS = 64 * 1024 * 1024
NO_NOTES: Mapping[str, str] = MappingProxyType({})
OPAQUE = 255
_ORIENTATION = 0x0112  # EXIF
_ON_ITS_SIDE = (5, 6, 7, 8)
DAMAGE = (UnidentifiedImageError, OSError, SyntaxError, ValueError)


def check_picture(path: Path) -> None:
    """Refuse what is no picture, or too large a one; reads the header only.

    Raises:
        ValueError: With what was found, what is allowed and what to do.
    """
    try:
        with _opened(path) as picture:
            (width, height), mode = picture.size, picture.mode
    except DAMAGE as error:
        raise ValueError(
            f"{path.name} is not a readable picture; expected {', '.join(FORMATS)};"
            " save it again from a picture program"
        ) from error
    except Pillow.DecompressionBombError as error:
        raise ValueError(f"{path.name} claims to be enormous; {_limits()}") from error
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise ValueError(f"{path.name} is {width} x {height} pixels; {_limits()}")
    if mode in ("I", "F"):
        raise ValueError(
            f"{path.name} has 32 bits a pixel, which do not say what white is;"
            " save it with 8 or 16 bits"
        )


def picture_size(path: Path) -> tuple[int, int] | None:
    """Width and height as `read_picture` gives them, from the header; None where it cannot tell.

    Some pictures say only behind their pixels how the camera was held; none is decoded for that.
    """
    try:
        with _opened(path) as picture:
            if picture.format == "PNG" and _has_late_notes(path):
                return None
            width, height = picture.size
            # Not the PNG's own method, which decodes the picture to look behind its pixels.
            turned = Pillow.Image.getexif(picture).get(_ORIENTATION) in _ON_ITS_SIDE
            upright = _ORIENTATION in getattr(picture, "tag_v2", ())  # TIFF: Pillow's size is
    except (*DAMAGE, Pillow.DecompressionBombError, struct.error):
        return None
    return (height, width) if turned and not upright else (width, height)


def _has_late_notes(path: Path) -> bool:
    """Tell whether a PNG has notes, which may say how the camera was held, behind its pixels."""
    pixels = False
    with path.open("rb") as file:
        file.seek(8)
        while len(head := file.read(8)) == 8:
            length, kind = struct.unpack(">I4s", head)
            pixels = pixels or kind == b"IDAT"
            if pixels and kind in (b"eXIf", b"iTXt", b"tEXt", b"zTXt"):
                return True
            file.seek(length + 4, os.SEEK_CUR)
    return False


@contextmanager
def _opened(path: Path) -> Iterator[Pillow.Image]:
    """Open a picture without Pillow's warnings: of its size, which is checked here, and of notes.

    Damaged notes (EXIF) beside a sound picture are no fault of the picture.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Pillow.open(path, formats=FORMATS) as picture:
            yield picture


def _limits() -> str:
    return f"the limit is {MAX_SIDE} a side and {MAX_PIXELS} in all; scale it down first"


def read_picture(path: Path) -> Tensor:
    """Read a picture as 1 3 H W in [0, 1]; transparency is laid on white.

    Raises:
        ValueError: When the file is damaged.
    """
    picture = _decoded(path)
    if not _has_clear_parts(picture):
        return _to_tensor(picture.convert("RGB"))
    white = Pillow.new("RGBA", picture.size, "white")
    return _to_tensor(Pillow.alpha_composite(white, picture.convert("RGBA")).convert("RGB"))


def read_grey(path: Path) -> Tensor:
    """Read a picture's brightness, 1 1 H W in [0, 1]; its transparency if parts of it are clear.

    Raises:
        ValueError: When the file is damaged.
    """
    picture = _decoded(path)
    if _has_clear_parts(picture):
        return 1 - _to_tensor(picture.convert("RGBA").getchannel("A").convert("RGB"))[:, :1]
    return _to_tensor(picture.convert("L").convert("RGB"))[:, :1]


def _decoded(path: Path) -> Pillow.Image:
    """Decode a picture: upright as its camera was held, 8 bits a channel."""
    check_picture(path)
    try:
        with _opened(path) as picture:
            return _eight_bits(ImageOps.exif_transpose(picture))
    except DAMAGE as error:
        raise ValueError(f"{path.name} is damaged ({error}); get a whole copy of it") from error


def _eight_bits(picture: Pillow.Image) -> Pillow.Image:
    if picture.mode.startswith("I;16"):
        return picture.convert("I").point(lambda value: value * (1 / 257) + 0.5).convert("L")
    return picture


def _has_clear_parts(picture: Pillow.Image) -> bool:
    if not picture.has_transparency_data:
        return False
    lowest, _ = picture.convert("RGBA").getchannel("A").getextrema()
    return lowest != OPAQUE


def _to_tensor(picture: Pillow.Image) -> Tensor:
    import torch

    width, height = picture.size
    flat = torch.frombuffer(bytearray(picture.tobytes()), dtype=torch.uint8)
    data = flat.reshape(height, width, 3).permute(2, 0, 1)  # 3 H W
    return (data.float() / 255)[None].contiguous()


def png_bytes(picture: Tensor, notes: Mapping[str, str] = NO_NOTES) -> bytes:
    """Write 3 H W in [0, 1] as PNG, rounded to 8 bits; equal pictures give equal bytes.

    Args:
        picture: The picture.
        notes: Texts to keep in the file by name, each in an uncompressed iTXt chunk.
    """
    import torch
    from PIL.PngImagePlugin import PngInfo

    data = (picture.clamp(0, 1) * 255).round().to(torch.uint8).permute(1, 2, 0).contiguous()
    height, width = data.shape[:2]
    file = io.BytesIO()
    info = PngInfo()
    for name, text in notes.items():
        info.add_itxt(name, text)
    pixels = data.numpy().tobytes()
    Pillow.frombytes("RGB", (width, height), pixels).save(file, "PNG", pnginfo=info)
    return file.getvalue()
