"""The application: routes from the table, guards around them, headers on everything."""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import web

from engine.server.access import Access
from engine.server.guards import GUARDS
from engine.server.headers import add_headers
from engine.server.hub import Hub
from engine.server.keys import ACCESS, HUB, INTERFACE, LIMITS, SERVICES, TURNSTILES
from engine.server.limits import Limits, Turnstiles
from engine.server.openapi import openapi_text
from engine.server.routes import ROUTES
from engine.server.services import Services

_NO_LIMITS = Limits()


def make_app(services: Services, access: Access, limits: Limits = _NO_LIMITS) -> web.Application:
    """Put the application together; nothing runs before it is served.

    Args:
        services: What the handlers work with.
        access: Who may talk to it.
        limits: How much it takes.
    """
    app = web.Application(middlewares=GUARDS)
    app[SERVICES], app[ACCESS], app[LIMITS] = services, access, limits
    app[TURNSTILES] = Turnstiles(limits.at_once)
    app[INTERFACE] = openapi_text(ROUTES).encode()
    app.cleanup_ctx.append(_hub)
    app.on_shutdown.append(_say_goodbye)
    app.on_response_prepare.append(add_headers)
    for route in ROUTES:
        if route.method == "GET":
            app.router.add_get(route.path, route.handler)
        else:
            app.router.add_route(route.method, route.path, route.handler)
    return app


async def _hub(app: web.Application) -> AsyncIterator[None]:
    """Have the sockets woken while the application runs, and say good-bye when it stops."""
    app[HUB] = Hub(app[SERVICES].desk.feed)
    yield


async def _say_goodbye(app: web.Application) -> None:
    await app[HUB].close()
