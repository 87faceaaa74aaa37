"""The way in: swapping the token for a cookie."""

from __future__ import annotations

from aiohttp import web

from engine.server.bodies import answer, read_document
from engine.server.cookies import give_cookie
from engine.server.keys import ACCESS
from engine.server.refusals import RefusedError
from engine.server.schemas import SCHEMAS


async def open_session(request: web.Request) -> web.StreamResponse:
    """Swap the token for the cookie.

    Raises:
        RefusedError: 401 when it is another token.
    """
    access = request.app[ACCESS]
    document = await read_document(request, SCHEMAS["Session"])
    if not access.admits(document["token"], None):
        raise RefusedError("no-credential", "This is not the token of --token-file.")
    response = answer({"open": True})
    give_cookie(response, access)
    return response
