"""Other sites in the owner's browser may change nothing and read nothing.

A browser says with every such request where it comes from, by Origin or Sec-Fetch-Site; programs
say neither. So a foreign word is refused, silence is not.
"""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler

from engine.server.refusals import RefusedError

_READING = ("GET", "HEAD")
_OURS = ("same-origin", "none")
"""`none`: typed or opened by the user, by no site."""
_LINKED = ("navigate",)
"""Following a link to the page, or to a place in it, is no attack: it is the same for everybody."""
_DATA = "/api/"


@web.middleware
async def guard_origins(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what another origin asks for, before a socket is accepted or a body is read."""
    for origin in request.headers.getall("Origin", []):
        if origin != f"http://{request.headers['Host']}":
            raise RefusedError("foreign-origin", "The Origin header names another site.")
    for site in request.headers.getall("Sec-Fetch-Site", []):
        if site not in _OURS and not _follows_a_link(request):
            raise RefusedError(
                "foreign-origin", "The Sec-Fetch-Site header says another site asks."
            )
    return await handler(request)


def _follows_a_link(request: web.Request) -> bool:
    mode = request.headers.get("Sec-Fetch-Mode")
    page = not request.path.startswith(_DATA)
    return request.method in _READING and page and mode in _LINKED
