"""Where the server has a token, nothing of the interface is open without it."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler

from engine.server.keys import ACCESS
from engine.server.refusals import RefusedError

_SCHEME = "Bearer "
_GUARDED = "/api/"
OPEN = ("/api/v1/session",)
"""The way in; the page and its script hold nothing of anybody's."""


@web.middleware
async def guard_credentials(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Ask for the token, or the cookie it was swapped for."""
    access = request.app[ACCESS]
    guarded = request.path.startswith(_GUARDED) and request.path not in OPEN
    if guarded and not access.admits(_bearer(request), request.cookies.get(access.cookie_name)):
        detail = 'Send the token of --token-file as "Authorization: Bearer TOKEN".'
        raise RefusedError("no-credential", detail, headers={"WWW-Authenticate": "Bearer"})
    return await handler(request)


def _bearer(request: web.Request) -> str | None:
    sent = request.headers.get("Authorization", "")
    return sent.removeprefix(_SCHEME) if sent.startswith(_SCHEME) else None
