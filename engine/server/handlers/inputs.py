"""Pictures in: streamed to disk, judged by their first bytes, then by their header; and back."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from aiohttp import web

from engine.errors import reason
from engine.server.bodies import answer, arriving
from engine.server.contained import missing, open_inside
from engine.server.keys import LIMITS, SERVICES, TURNSTILES
from engine.server.limits import Limits
from engine.server.refusals import RefusedError
from engine.server.serving import HEAD, SHOWN, SUFFIX_OF, raster_type, serve_file
from engine.stem import is_stem
from engine.verdict import shown

_BUFFER = 1024 * 1024
_UNFINISHED = ".arriving-"


async def take_input(request: web.Request) -> web.StreamResponse:
    """Keep a picture in the input folder and answer with the name workflows call it by.

    Raises:
        RefusedError: When it is no picture, too large, too slow, or has no usable name.
    """
    services, limits = request.app[SERVICES], request.app[LIMITS]
    stem = _stem(request.query.get("name", ""))
    with request.app[TURNSTILES].enter("uploads"), _unfinished(services.inputs) as (file, path):
        digest, size = await _received(request, file, limits)
        media_type = await asyncio.to_thread(_judge, path, services.check_picture)
        name = await asyncio.to_thread(_keep, path, stem, SUFFIX_OF[media_type], digest)
    found = {"name": name, "sha256": digest, "bytes": size, "type": media_type}
    return answer(found, 201)


async def send_input(request: web.Request) -> web.StreamResponse:
    """Send a picture by the name workflows call it by, to look at it and paint on it.

    Raises:
        RefusedError: 404 when there is no such picture; any other file is no picture.
    """
    name = request.match_info["name"]
    folders = request.app[SERVICES].pictures
    folder = await asyncio.to_thread(_folder_of, folders, name)
    return await serve_file(request, folder, name, caching="no-cache")


def _folder_of(folders: Iterable[Path], name: str) -> Path:
    for folder in folders:
        with contextlib.suppress(RefusedError), open_inside(folder, name) as file:
            if raster_type(file.read(HEAD)) in SHOWN:
                return folder
    raise missing()


async def _received(request: web.Request, file: BinaryIO, limits: Limits) -> tuple[str, int]:
    """Write the body to a file; returns its digest and size."""
    digest, size, head = hashlib.sha256(), 0, b""
    waiting: list[bytes] = []
    held = 0
    async for part in arriving(request, limits):
        size += len(part)
        if size > limits.upload_bytes:
            raise RefusedError("too-large", f"A picture may have {limits.upload_bytes} bytes.")
        if len(head) < HEAD:
            head = (head + part)[:HEAD]
            if len(head) == HEAD and raster_type(head) is None:
                raise _no_picture()
        waiting.append(part)
        held += len(part)
        if held >= _BUFFER:
            await asyncio.to_thread(_write, file, digest, waiting)
            waiting, held = [], 0
    await asyncio.to_thread(_write, file, digest, waiting)
    return digest.hexdigest(), size


def _write(file: BinaryIO, digest: Any, parts: list[bytes]) -> None:
    data = b"".join(parts)
    digest.update(data)
    try:
        file.write(data)
        file.flush()
    except OSError as error:
        detail = f"The input folder cannot be written ({reason(error)}); make room."
        raise RefusedError("storage", detail) from None


@contextlib.contextmanager
def _unfinished(folder: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """Give a file that is gone after the block, unless it has been moved."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(prefix=_UNFINISHED, dir=folder)
    except OSError as error:
        detail = f"The input folder cannot be written ({reason(error)})."
        raise RefusedError("storage", detail) from None
    try:
        with open(number, "wb") as file:
            yield file, Path(name)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)


def _judge(path: Path, check_picture: Callable[[Path], None]) -> str:
    """Return the media type of a sound picture, told from its header alone."""
    with path.open("rb") as file:
        media_type = raster_type(file.read(HEAD))
    if media_type is None:
        raise _no_picture()
    try:
        check_picture(path)
    except ValueError as error:
        sentence = str(error).replace(path.name, "the file")
        raise RefusedError("wrong-value", f"The upload was refused: {sentence}.") from None
    return media_type


def _keep(path: Path, stem: str, suffix: str, digest: str) -> str:
    """Move the file to its name; a name that is taken by another picture gets some of the digest.

    Linking instead of renaming, because a link never takes the place of a file that is there.
    """
    for name in (f"{stem}{suffix}", f"{stem}-{digest[:12]}{suffix}", f"{digest}{suffix}"):
        target = path.with_name(name)
        try:
            os.link(path, target, follow_symlinks=False)
        except FileExistsError:
            if _digest_of(target) != digest:
                continue
        return name
    raise RefusedError("conflict", "Other files have every name of this picture; choose another.")


def _digest_of(path: Path) -> str | None:
    if path.is_symlink() or not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stem(name: str) -> str:
    """Take the stem of the name the client gives; the suffix follows from the content.

    Raises:
        RefusedError: When it is a path, or no plain file name everywhere.
    """
    stem = name.rpartition(".")[0] or name
    if not is_stem(stem) or "/" in stem:
        detail = f"?name= must be a plain file name such as photo.png, got {shown(name)}."
        raise RefusedError("wrong-value", detail)
    return stem


def _no_picture() -> RefusedError:
    detail = "This is no PNG, JPEG, WebP, BMP or TIFF; save it as one of them."
    return RefusedError("wrong-media-type", detail)
