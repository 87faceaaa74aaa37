"""Picture files: what is let in, and how pictures are read and written.

A file is judged by its header before a pixel is decoded: its real format, its size in pixels. So a
bomb, a stranger's SVG or a renamed program costs nothing and opens nothing.
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image as Pillow
from PIL import UnidentifiedImageError

if TYPE_CHECKING:
    from torch import Tensor

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF")
MAX_SIDE = 16_384
MAX_PIXELS = 64 * 1024 * 1024


def check_picture(path: Path) -> None:
    """Refuse what is no picture, or too large a one; reads the header only.

    Raises:
        ValueError: With what was found, what is allowed and what to do.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Pillow.DecompressionBombWarning)
            with Pillow.open(path, formats=FORMATS) as picture:
                width, height = picture.size
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise ValueError(
            f"{path.name} is not a readable picture; expected {', '.join(FORMATS)};"
            " save it again from a picture program"
        ) from error
    except Pillow.DecompressionBombError as error:
        raise ValueError(f"{path.name} claims to be enormous; {_limits()}") from error
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise ValueError(f"{path.name} is {width} x {height} pixels; {_limits()}")


def _limits() -> str:
    return f"the limit is {MAX_SIDE} a side and {MAX_PIXELS} in all; scale it down first"


def read_picture(path: Path) -> Tensor:
    """Read a picture as 1 3 H W in [0, 1]; transparency is laid on white.

    Raises:
        ValueError: When the file is damaged.
    """
    check_picture(path)
    try:
        with Pillow.open(path, formats=FORMATS) as picture:
            picture.load()
            return _to_tensor(_on_white(picture))
    except (OSError, SyntaxError, ValueError) as error:
        raise ValueError(f"{path.name} is damaged ({error}); get a whole copy of it") from error


def read_grey(path: Path) -> Tensor:
    """Read a picture's brightness, 1 1 H W in [0, 1]: its transparency if it has any.

    Raises:
        ValueError: When the file is damaged.
    """
    check_picture(path)
    try:
        with Pillow.open(path, formats=FORMATS) as picture:
            picture.load()
            transparent = picture.mode in ("RGBA", "LA") or "transparency" in picture.info
            band = picture.convert("RGBA").getchannel("A") if transparent else picture.convert("L")
            grey = _to_tensor(band.convert("RGB"))[:, :1]
            return 1 - grey if transparent else grey
    except (OSError, SyntaxError, ValueError) as error:
        raise ValueError(f"{path.name} is damaged ({error}); get a whole copy of it") from error


def _on_white(picture: Pillow.Image) -> Pillow.Image:
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        white = Pillow.new("RGBA", layer.size, "white")
        return Pillow.alpha_composite(white, layer).convert("RGB")
    return picture.convert("RGB")


def _to_tensor(picture: Pillow.Image) -> Tensor:
    import torch

    width, height = picture.size
    flat = torch.frombuffer(bytearray(picture.tobytes()), dtype=torch.uint8)
    data = flat.reshape(height, width, 3).permute(2, 0, 1)  # 3 H W
    return (data.float() / 255)[None].contiguous()


def png_bytes(picture: Tensor) -> bytes:
    """Write 3 H W in [0, 1] as PNG, rounded to 8 bits; equal pictures give equal bytes."""
    import torch

    data = (picture.clamp(0, 1) * 255).round().to(torch.uint8).permute(1, 2, 0).contiguous()
    height, width = data.shape[:2]
    file = io.BytesIO()
    Pillow.frombytes("RGB", (width, height), data.numpy().tobytes()).save(file, "PNG")
    return file.getvalue()
