"""Events over WebSockets: who comes back is told what was missed, or how things stand now."""

from __future__ import annotations

import asyncio
import json
import re

from aiohttp import web

from engine.queue.rows import ENDED
from engine.server.feed import News
from engine.server.hub import Hub
from engine.server.keys import HUB, SERVICES, TURNSTILES
from engine.server.refusals import RefusedError
from engine.server.services import Services
from engine.verdict import shown

_HEARTBEAT = 30.0
_LARGEST_MESSAGE = 1024
_MOST_MESSAGES = 1000
"""A client has nothing to say here; one that talks without end is sent away."""


async def stream_all(request: web.Request) -> web.StreamResponse:
    """Send the events of all runs over a WebSocket; ?epoch=E&since=SEQ replays."""
    return await _stream(request, None)


async def stream_run(request: web.Request) -> web.StreamResponse:
    """Send the events of one run over a WebSocket; ?epoch=E&since=SEQ replays."""
    run = request.match_info["id"]
    await asyncio.to_thread(request.app[SERVICES].desk.run, run)  # 404 before the socket is there
    return await _stream(request, run)


async def _stream(request: web.Request, run: str | None) -> web.StreamResponse:
    hub = request.app[HUB]
    start = _start(request)
    socket = web.WebSocketResponse(
        heartbeat=_HEARTBEAT, max_msg_size=_LARGEST_MESSAGE, compress=False
    )
    if not socket.can_prepare(request):
        raise RefusedError("no-socket", "This address speaks WebSocket only.")
    with request.app[TURNSTILES].enter("sockets"):
        await socket.prepare(request)
        hub.sockets.add(socket)
        sender = asyncio.create_task(_send(socket, hub, request.app[SERVICES], run, start))
        try:
            await _listen(socket, sender)
        finally:
            hub.sockets.discard(socket)
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
    return socket


def _start(request: web.Request) -> tuple[str, int] | None:
    """Read where a client wants to go on: the epoch and the last number it has seen."""
    since = request.query.get("since")
    if since is None:
        return None
    if not re.fullmatch(r"[0-9]{1,15}", since):
        raise RefusedError("wrong-value", f"?since= must be a whole number, got {shown(since)}.")
    return request.query.get("epoch", request.app[HUB].feed.epoch), int(since)


async def _listen(socket: web.WebSocketResponse, sender: asyncio.Task[None]) -> None:
    """Hear when the client leaves; what it says means nothing."""
    count = 0
    async for _ in socket:
        count += 1
        if count > _MOST_MESSAGES or sender.done():
            await socket.close()


async def _send(
    socket: web.WebSocketResponse,
    hub: Hub,
    services: Services,
    run: str | None,
    start: tuple[str, int] | None,
) -> None:
    """Send what was missed or a snapshot, then whatever comes."""
    feed = hub.feed
    seq = start[1] if start and start[0] == feed.epoch else -1
    if run and not feed.since(0, run).frames:
        seq = -1  # it ended before this server started, or long ago: only a snapshot can tell
    try:
        while True:
            news = feed.since(seq, run)
            if not news.complete:
                news = await _snapshot(socket, hub, services, run)
            for frame in news.frames:
                if isinstance(frame.payload, str):
                    await socket.send_str(frame.payload)
                else:
                    await socket.send_bytes(frame.payload)
            seq = news.seq
            if feed.seq == seq:
                await hub.wait()
    except ConnectionError:
        return  # it has left


async def _snapshot(
    socket: web.WebSocketResponse, hub: Hub, services: Services, run: str | None
) -> News:
    """Tell how things stand: the runs, then the latest frame of each running step.

    The number is taken first: what changes while the runs are read is told once more.
    """
    news = hub.feed.snapshot(run)
    runs = await asyncio.to_thread(services.desk.current, run)
    told = {"event": "snapshot", "epoch": hub.feed.epoch, "seq": news.seq, **runs}
    await socket.send_str(json.dumps(told, separators=(",", ":")))
    if run and runs["runs"][0]["state"] in ENDED:
        about = {"event": "run-ended", "run": run, "epoch": hub.feed.epoch, "seq": news.seq}
        last = {**about, "details": runs["runs"][0]}
        await socket.send_str(json.dumps(last, separators=(",", ":")))
    return news
