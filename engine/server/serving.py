"""The one way a file leaves the server: known pictures to look at, everything else to keep.

What a file is, its first bytes say, never its name. Nothing that a browser would run or lay out is
ever served as such: no HTML, SVG, XML, PDF, script.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from aiohttp import web

from engine.server.contained import open_inside

_CHUNK = 256 * 1024
_DOWNLOAD = "application/octet-stream"

RASTERS: Sequence[tuple[str, tuple[tuple[int, bytes], ...]]] = (
    ("image/png", ((0, b"\x89PNG\r\n\x1a\n"),)),
    ("image/jpeg", ((0, b"\xff\xd8\xff"),)),
    ("image/webp", ((0, b"RIFF"), (8, b"WEBP"))),
    ("image/bmp", ((0, b"BM"),)),
    ("image/tiff", ((0, b"II*\x00"),)),
    ("image/tiff", ((0, b"MM\x00*"),)),
)
"""Media type, and the bytes that stand at which place in such a file."""
SUFFIX_OF: Mapping[str, str] = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/bmp": ".bmp",
    "image/tiff": ".tif",
}
HEAD = 16
"""Bytes that tell a raster picture."""
SHOWN = ("image/png", "image/jpeg", "image/webp")
"""What a browser may show in the page; the others are kept."""


def raster_type(head: bytes) -> str | None:
    """Tell the media type of a picture by its first bytes; None for everything else."""
    for media_type, marks in RASTERS:
        if all(head[at : at + len(mark)] == mark for at, mark in marks):
            return media_type
    return None


def disposition(name: str, *, inline: bool) -> str:
    """Write a Content-Disposition header (RFC 6266) whose name cannot end it or begin another."""
    name = name.rpartition("/")[2]
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_. ") else "_" for c in name)
    coded = quote(name.encode(errors="replace"), safe="")
    return f"{'inline' if inline else 'attachment'}; filename=\"{plain}\"; filename*=UTF-8''{coded}"


_FOREVER = "private, max-age=31536000, immutable"


async def serve_file(
    request: web.Request, root: Path, name: str, caching: str = _FOREVER
) -> web.StreamResponse:
    """Send a file below a folder; a result never changes, other files say how they are cached.

    Raises:
        RefusedError: 404 when there is no such file.
    """
    with await asyncio.to_thread(open_inside, root, name) as file:
        size = os.fstat(file.fileno()).st_size
        media_type = raster_type(os.pread(file.fileno(), HEAD, 0)) or _DOWNLOAD
        response = web.StreamResponse(
            headers={
                "Content-Type": media_type,
                "Content-Disposition": disposition(
                    name.rpartition("/")[2], inline=media_type in SHOWN
                ),
                "Content-Length": str(size),
                "Cache-Control": caching,
            }
        )
        await response.prepare(request)
        while size > 0 and (part := await asyncio.to_thread(file.read, min(_CHUNK, size))):
            await response.write(part)
            size -= len(part)
    return response
