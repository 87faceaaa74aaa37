"""What is wrapped around a body: number of headers, announced size, no compression."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler

from engine.server.keys import LIMITS
from engine.server.refusals import RefusedError


@web.middleware
async def guard_envelopes(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse by the headers what would cost by its body."""
    limits = request.app[LIMITS]
    if len(request.headers) > limits.headers:
        raise RefusedError("many-headers", f"{limits.headers} headers are enough for anybody.")
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise RefusedError("wrong-media-type", "A compressed body is not taken; send it as it is.")
    if (request.content_length or 0) > max(limits.upload_bytes, limits.document_bytes):
        raise RefusedError("too-large", f"No address takes more than {limits.upload_bytes} bytes.")
    return await handler(request)
