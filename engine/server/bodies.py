"""Bodies of requests: read within bounds of size and time, strict JSON, checked by a schema."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from aiohttp import web
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from engine.errors import WorkflowError
from engine.server.keys import LIMITS
from engine.server.limits import Limits
from engine.server.refusals import RefusedError
from engine.verdict import shown
from engine.workflow import read_json

JSON = "application/json"


async def read_document(request: web.Request, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Read a JSON object that a schema describes.

    Raises:
        RefusedError: When it is no JSON, no object, too large, too slow, or not as the schema says.
    """
    data = await read_bytes(request, JSON)
    document = await asyncio.to_thread(parse, data, request.app[LIMITS])
    error = best_match(Draft202012Validator(schema).iter_errors(document))
    if error is not None:
        place = ".".join(str(part) for part in error.absolute_path) or "the body"
        detail = f"{place}: {_words(error)}; GET /api/v1/openapi.json describes it."
        raise RefusedError("wrong-value", detail)
    return document


async def read_bytes(request: web.Request, media_type: str) -> bytes:
    """Read a whole body of the size of a document.

    Raises:
        RefusedError: When it is of another type, too large, or too slow.
    """
    if request.content_type != media_type:
        detail = f"Expected Content-Type {media_type}, got {shown(request.content_type)}."
        raise RefusedError("wrong-media-type", detail)
    limits = request.app[LIMITS]
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(limits.patience):
            async for part in arriving(request, limits):
                parts.append(part)
                size += len(part)
                if size > limits.document_bytes:
                    detail = f"The body is larger than {limits.document_bytes} bytes."
                    raise RefusedError("too-large", detail)
    except TimeoutError:
        raise _slow(limits) from None
    return b"".join(parts)


async def arriving(request: web.Request, limits: Limits) -> AsyncIterator[bytes]:
    """Yield the parts of a body as they come.

    Raises:
        RefusedError: When the next part does not come in time, or what comes is no HTTP.
    """
    while not request.content.at_eof():
        try:
            async with asyncio.timeout(limits.patience):
                part = await request.content.readany()
        except TimeoutError:
            raise _slow(limits) from None
        except (web.RequestPayloadError, ValueError) as error:
            raise RefusedError(
                "malformed", f"The body cannot be read ({type(error).__name__})."
            ) from None
        if part:
            yield part


def parse(data: bytes, limits: Limits) -> dict[str, Any]:
    """Decode strict JSON, refusing what would unfold to much more than its size.

    Raises:
        RefusedError: When it cannot be read.
    """
    values = sum(data.count(mark) for mark in (b",", b"[", b"{"))
    if values > limits.document_values:
        detail = f"The body holds more than {limits.document_values} values."
        raise RefusedError("too-large", detail)
    try:
        return read_json(data)
    except WorkflowError as error:
        sentence = str(error)
        raise RefusedError("malformed", sentence[:1].upper() + sentence[1:]) from None


def answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """Make a JSON answer."""
    body = json.dumps(value, allow_nan=False, separators=(",", ":")).encode()
    return web.Response(status=status, body=body, content_type=JSON, headers=headers)


def _words(error: Any) -> str:
    """Put what a schema refuses in words that do not repeat a long value."""
    match error.validator:
        case "type":
            return f"expected {error.validator_value}, got {shown(error.instance)}"
        case "required":
            missing = [name for name in error.validator_value if name not in error.instance]
            return f"{', '.join(missing)} is missing"
        case "additionalProperties":
            known = error.schema.get("properties", {})
            return f"unknown {shown(next(name for name in error.instance if name not in known))}"
    return f"{shown(error.instance)} does not fit {error.validator} {error.validator_value}"


def _slow(limits: Limits) -> RefusedError:
    return RefusedError("slow", f"Nothing came for {limits.patience:g} seconds; send it again.")
