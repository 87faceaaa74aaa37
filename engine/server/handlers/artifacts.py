"""Results of runs, by an id that is no path."""

from __future__ import annotations

import asyncio

from aiohttp import web

from engine.server.keys import SERVICES
from engine.server.serving import serve_file


async def send_artifact(request: web.Request) -> web.StreamResponse:
    """Send a file that a run made: pictures to look at, all else to keep."""
    services = request.app[SERVICES]
    name = await asyncio.to_thread(services.desk.artifact, request.match_info["id"])
    return await serve_file(request, services.output, name)
