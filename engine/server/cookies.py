"""The cookie that a browser shows instead of the token."""

from __future__ import annotations

from aiohttp import web

from engine.server.access import Access


def give_cookie(response: web.Response, access: Access) -> None:
    """Put it into an answer, out of the reach of scripts and other sites."""
    response.set_cookie(
        access.cookie_name, access.cookie, httponly=True, samesite="Strict", path="/"
    )
