"""The way in: the page itself, and swapping the token or the ticket for a cookie."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from aiohttp import web

from engine.server.access import Access
from engine.server.bodies import answer, read_document
from engine.server.keys import ACCESS
from engine.server.refusals import RefusedError
from engine.server.schemas import SCHEMAS

_STATIC = Path(__file__).parents[1] / "static"
ASSETS: Mapping[str, str] = {
    "index.html": "text/html",
    "page.js": "text/javascript",
    "page.css": "text/css",
}
"""Every file of the page and its type; there is no other way to a file in that folder."""


async def show_page(request: web.Request) -> web.StreamResponse:
    """Answer with the page; a ticket in the address is swapped for the cookie first."""
    ticket = request.query.get("ticket")
    if ticket is None or request.method != "GET":
        return _asset("index.html")
    access = request.app[ACCESS]
    response = web.Response(status=303, headers={"Location": "/"})
    if access.ticket.redeem(ticket):
        _give_cookie(response, access)
    return response


async def show_asset(request: web.Request) -> web.StreamResponse:
    """Answer with a file of the page."""
    return _asset(request.match_info["asset"])


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
    _give_cookie(response, access)
    return response


def _give_cookie(response: web.Response, access: Access) -> None:
    response.set_cookie(
        access.cookie_name, access.cookie, httponly=True, samesite="Strict", path="/"
    )


def _asset(name: str) -> web.Response:
    if name not in ASSETS:
        raise RefusedError("not-found", "There is no such thing here.")
    text = (_STATIC / name).read_text(encoding="utf-8")
    return web.Response(text=text, content_type=ASSETS[name], headers={"Cache-Control": "no-cache"})
