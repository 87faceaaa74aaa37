"""Headers that every answer carries, whoever made it."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'"
)
_DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
_API = "/api/"

ALWAYS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Server": "Latentgraph",
}
"""No header of CORS is among them: other origins get nothing."""


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Add them as the answer is about to leave; data is sandboxed, only the page has scripts."""
    policy = _DATA_POLICY if request.path.startswith(_API) else _PAGE_POLICY
    response.headers.update({**ALWAYS, "Content-Security-Policy": policy})
    response.headers.setdefault("Cache-Control", "no-store")
