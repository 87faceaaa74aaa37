"""The page: its files, and the ticket in the address that opens it once."""

from __future__ import annotations

from aiohttp import web

from engine.server.cookies import give_cookie
from engine.server.keys import ACCESS, SERVICES
from engine.server.page import INDEX
from engine.server.refusals import RefusedError


async def show_page(request: web.Request) -> web.StreamResponse:
    """Answer with the page; a ticket in the address is swapped for the cookie first."""
    ticket = request.query.get("ticket")
    if ticket is None or request.method != "GET":
        return _answer(request, INDEX)
    access = request.app[ACCESS]
    response = web.Response(status=303, headers={"Location": "/"})
    if access.ticket.redeem(ticket):
        give_cookie(response, access)
    return response


async def show_place(request: web.Request) -> web.StreamResponse:
    """Answer with a file of the page, or with the page at a place inside it."""
    return _answer(request, request.match_info["place"])


def _answer(request: web.Request, address: str) -> web.StreamResponse:
    """Answer with what the browser may keep, but asks about: names stay, contents change."""
    page = request.app[SERVICES].page
    asset = page.at(address)
    if asset is None:
        raise RefusedError("not-found", "There is no such thing here.")
    headers = {"Cache-Control": "no-cache", "ETag": page.etag}
    if page.etag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    text = asset.media_type.startswith("text/")
    return web.Response(
        body=asset.content,
        content_type=asset.media_type,
        charset="utf-8" if text else None,
        headers=headers,
    )
