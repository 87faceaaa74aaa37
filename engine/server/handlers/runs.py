"""Runs: hand one in, look at it, cancel it, move it, hold the queue."""

from __future__ import annotations

import asyncio
import re

from aiohttp import web

from engine.server.bodies import answer, read_document
from engine.server.keys import SERVICES, TURNSTILES
from engine.server.refusals import RefusedError
from engine.server.schemas import SCHEMAS
from engine.verdict import shown

_IDEMPOTENCY = re.compile(r"[\x21-\x7e]{1,200}")
_MOST_LISTED = 500


async def check_workflow(request: web.Request) -> web.StreamResponse:
    """List all problems of a workflow; nothing is loaded or run."""
    with request.app[TURNSTILES].enter("checks"):
        body = await read_document(request, SCHEMAS["CheckRequest"])
        return answer(await asyncio.to_thread(request.app[SERVICES].desk.check, body))


async def plan_workflow(request: web.Request) -> web.StreamResponse:
    """Tell what would run, what is cached, and why; nothing is loaded or run."""
    with request.app[TURNSTILES].enter("checks"):
        body = await read_document(request, SCHEMAS["CheckRequest"])
        return answer(await asyncio.to_thread(request.app[SERVICES].desk.plan, body))


async def submit_run(request: web.Request) -> web.StreamResponse:
    """Hand in a workflow to run; it is kept before this answers.

    Raises:
        RefusedError: When the queue is full, or an Idempotency-Key came with something else before.
    """
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _IDEMPOTENCY.fullmatch(key):
        raise RefusedError(
            "wrong-value", "Idempotency-Key takes 1 to 200 visible ASCII characters."
        )
    body = await read_document(request, SCHEMAS["RunRequest"])
    desk = request.app[SERVICES].desk
    run = await asyncio.to_thread(desk.submit, body, key, request.remote or "")
    return answer(run, 202, {"Location": f"/api/v1/runs/{run['id']}"})


async def list_runs(request: web.Request) -> web.StreamResponse:
    """List runs, newest first."""
    limit = _whole(request, "limit", 50, _MOST_LISTED)
    before = request.query.get("before")
    found = await asyncio.to_thread(request.app[SERVICES].desk.runs, limit, before)
    return answer(found)


async def tell_run(request: web.Request) -> web.StreamResponse:
    """Tell the state of a run, and what came out."""
    desk = request.app[SERVICES].desk
    return answer(await asyncio.to_thread(desk.run, request.match_info["id"]))


async def tell_asked(request: web.Request) -> web.StreamResponse:
    """Tell what was asked for with a run, as it was sent."""
    desk = request.app[SERVICES].desk
    return answer(await asyncio.to_thread(desk.asked, request.match_info["id"]))


async def tell_story(request: web.Request) -> web.StreamResponse:
    """Tell what happened in a run that has ended, step by step."""
    desk = request.app[SERVICES].desk
    return answer(await asyncio.to_thread(desk.story, request.match_info["id"]))


async def cancel_run(request: web.Request) -> web.StreamResponse:
    """Cancel a run that has not ended; one that has stays as it is."""
    desk = request.app[SERVICES].desk
    run = await asyncio.to_thread(desk.cancel, request.match_info["id"])
    return answer(run, 202 if run["state"] == "running" else 200)


async def change_run(request: web.Request) -> web.StreamResponse:
    """Give a waiting run another priority, or the place before another one that waits."""
    body = await read_document(request, SCHEMAS["RunChange"])
    asked = request.match_info["id"], body.get("priority"), body.get("before")
    return answer(await asyncio.to_thread(request.app[SERVICES].desk.move, *asked))


async def tell_queue(request: web.Request) -> web.StreamResponse:
    """Tell how much waits, and whether it is held."""
    return answer(await asyncio.to_thread(request.app[SERVICES].desk.waiting))


async def change_queue(request: web.Request) -> web.StreamResponse:
    """Hold the queue or let it go on; what runs is not touched."""
    body = await read_document(request, SCHEMAS["QueueChange"])
    return answer(await asyncio.to_thread(request.app[SERVICES].desk.hold, body["paused"]))


def _whole(request: web.Request, name: str, default: int, largest: int) -> int:
    text = request.query.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,9}", text) or not 1 <= int(text) <= largest:
        detail = f"?{name}= must be a whole number from 1 to {largest}, got {shown(text)}."
        raise RefusedError("wrong-value", detail)
    return int(text)
