"""The library of workflow files: bytes in, the same bytes out, nothing overwritten unseen."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any, TypeVar

from aiohttp import web

from engine.library import (
    BadNameError,
    ConflictError,
    Library,
    LibraryError,
    MissingError,
    TooLargeError,
)
from engine.server.bodies import JSON, answer, parse, read_bytes
from engine.server.contained import missing
from engine.server.keys import LIMITS, SERVICES
from engine.server.refusals import RefusedError

T = TypeVar("T")
_ETAG = re.compile(r'"([0-9a-f]{64})"')
_MOST_DIGITS = 9
_MOST_TOLD = 1_000_000  # bytes of the other version that a conflict brings along
_KINDS = (
    (BadNameError, "not-found"),
    (MissingError, "not-found"),
    (TooLargeError, "too-large"),
    (LibraryError, "storage"),
)


async def list_workflows(request: web.Request) -> web.StreamResponse:
    """List the workflows of the library."""
    found = await asyncio.to_thread(request.app[SERVICES].library.all)
    return answer(
        {"workflows": [{"name": item.name, "bytes": item.bytes, "modified": item.modified}
                       for item in found]}
    )  # fmt: skip


async def read_workflow(request: web.Request) -> web.StreamResponse:
    """Send a workflow as it was saved; its ETag names the version."""
    stored = await _ask(request, Library.read)
    headers = {"ETag": f'"{stored.etag}"', "Cache-Control": "no-cache"}
    if any(known.value == stored.etag for known in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    return web.Response(body=stored.data, content_type=JSON, headers=headers)


async def write_workflow(request: web.Request) -> web.StreamResponse:
    """Save a workflow; If-Match names the version it replaces, If-None-Match: * none.

    Raises:
        RefusedError: 412 with the other version when it was changed elsewhere, 428 without either.
    """
    expected = _expected(request, new=True)
    data = await _document_bytes(request)
    etag = await _ask(request, Library.write, data, expected)
    return answer({"name": request.match_info["name"], "etag": etag}, 200, {"ETag": f'"{etag}"'})


async def delete_workflow(request: web.Request) -> web.StreamResponse:
    """Remove a workflow; its bytes stay among the versions."""
    await _ask(request, Library.delete, _expected(request, new=False))
    return web.Response(status=204)


async def list_versions(request: web.Request) -> web.StreamResponse:
    """List what a workflow was before it was replaced or removed, newest first."""
    name = request.match_info["name"]
    found = await asyncio.to_thread(request.app[SERVICES].library.versions.of, name)
    listed = [
        {"number": item.number, "etag": item.etag, "replaced": item.replaced, "bytes": item.bytes}
        for item in found
    ]
    return answer({"versions": listed})


async def read_version(request: web.Request) -> web.StreamResponse:
    """Send what a workflow was."""
    name, number = request.match_info["name"], request.match_info["number"]
    if len(number) > _MOST_DIGITS:
        raise missing()
    versions = request.app[SERVICES].library.versions
    data = await asyncio.to_thread(versions.read, name, int(number))
    if data is None:
        raise missing()
    return web.Response(body=data, content_type=JSON)


async def list_drafts(request: web.Request) -> web.StreamResponse:
    """List unsaved work, newest first."""
    found = await asyncio.to_thread(request.app[SERVICES].library.drafts)
    listed = [{"name": item.name, "modified": item.modified, "bytes": len(item.data)}
              for item in found]  # fmt: skip
    return answer({"drafts": listed})


async def read_draft(request: web.Request) -> web.StreamResponse:
    """Send the unsaved work of a name."""
    draft = await _ask(request, Library.draft)
    if draft is None:
        raise missing()
    return web.Response(body=draft.data, content_type=JSON)


async def write_draft(request: web.Request) -> web.StreamResponse:
    """Keep unsaved work in the place of the last; the saved file stays as it is."""
    await _ask(request, Library.save_draft, await _document_bytes(request))
    return web.Response(status=204)


async def delete_draft(request: web.Request) -> web.StreamResponse:
    """Forget the unsaved work of a name."""
    await _ask(request, Library.drop_draft)
    return web.Response(status=204)


async def _document_bytes(request: web.Request) -> bytes:
    """Read a body that is some JSON object; whether it is a workflow is another question."""
    data = await read_bytes(request, JSON)
    await asyncio.to_thread(parse, data, request.app[LIMITS])
    return data


async def _ask(request: web.Request, method: Callable[..., T], *words: Any) -> T:
    """Ask the library in a thread about the name in the address; its errors become refusals."""
    library, name = request.app[SERVICES].library, request.match_info["name"]
    try:
        return await asyncio.to_thread(method, library, name, *words)
    except ConflictError as error:
        raise await _conflict(request, error) from None
    except LibraryError as error:
        kind = next(kind for known, kind in _KINDS if isinstance(error, known))
        sentence = str(error)
        raise RefusedError(kind, sentence[:1].upper() + sentence[1:]) from None


async def _conflict(request: web.Request, error: ConflictError) -> RefusedError:
    """Tell both versions apart, and bring the other one along."""
    theirs = None
    if error.found is not None:
        stored = await _ask(request, Library.read)
        text = stored.data.decode(errors="replace")
        theirs = {"etag": stored.etag, "text": text if len(text) <= _MOST_TOLD else None}
    return RefusedError("changed-elsewhere", str(error), expected=error.expected, theirs=theirs)


def _expected(request: web.Request, *, new: bool) -> str | None:
    """Read which version the client saw: its ETag, or None for none."""
    if new and request.headers.get("If-None-Match") == "*":
        return None
    match = _ETAG.fullmatch(request.headers.get("If-Match", ""))
    if match is None:
        way = ", or If-None-Match: * for a new one" if new else ""
        raise RefusedError(
            "condition-missing", f'Send If-Match: "ETAG" of the version you saw{way}.'
        )
    return match[1]
