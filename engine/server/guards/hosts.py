"""Only requests for a name of this server get in: the guard against DNS rebinding."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler

from engine.server.access import own_name
from engine.server.keys import ACCESS
from engine.server.refusals import RefusedError


@web.middleware
async def guard_hosts(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse a Host header that is not ours, is not there, or is there twice."""
    sent = request.headers.getall("Host", [])
    sockname = request.transport.get_extra_info("sockname") if request.transport else None
    own = own_name(sockname) if sockname else ""
    if len(sent) != 1 or not request.app[ACCESS].goes_by(sent[0], own):
        detail = "The Host header names another server; use the address printed at the start."
        raise RefusedError("foreign-host", detail)
    if not request.raw_path.startswith("/"):  # `GET http://elsewhere/`, as to a proxy
        raise RefusedError("foreign-host", "This is no proxy; ask for a path.")
    return await handler(request)
