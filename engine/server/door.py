"""The socket that is listened on: bound before anything is made, bounded in how many it lets in."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestHandler

from engine.errors import reason
from engine.server.access import AccessError
from engine.server.keys import LIMITS

_BACKLOG = 128
_GOODBYE = 2.0
"""Seconds that requests have to end when the server stops."""


class Turned(asyncio.Protocol):
    """Closes a connection that is one too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Leave at once: no answer, for that would cost as much as a request."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - TCP is nothing else
        transport.abort()


class Door:
    """An application on a socket.

    Args:
        app: What answers.
        listening: A bound socket.
    """

    def __init__(self, app: web.Application, listening: socket.socket) -> None:
        limits = app[LIMITS]
        self._runner = web.AppRunner(
            app,
            access_log=None,
            logger=_log(),
            auto_decompress=False,
            keepalive_timeout=limits.idle,
            lingering_time=_GOODBYE,
            shutdown_timeout=_GOODBYE,
        )
        self._listening = listening
        self._most = limits.connections
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Begin to serve."""
        await self._runner.setup()
        loop = asyncio.get_running_loop()
        made = self._factory()
        self._server = await loop.create_server(made, sock=self._listening, backlog=_BACKLOG)

    async def close(self) -> None:
        """Let nobody in any more, give those inside a moment, and end."""
        if self._server is not None:
            self._server.close()
        await self._runner.cleanup()

    def _factory(self) -> Callable[[], asyncio.Protocol]:
        server = self._runner.server
        assert server is not None  # noqa: S101 - it is set up

        def make() -> asyncio.Protocol:
            full = len(server.connections) >= self._most
            made: RequestHandler | Turned = Turned() if full else server()
            return made

        return make


def _log() -> logging.Logger:
    """Log faults of ours; what is no HTTP is answered with 400, and would else fill the log."""
    log = logging.Logger("latentgraph.http")
    log.parent = logging.getLogger("latentgraph")
    log.addFilter(lambda record: not _is_theirs(record))
    return log


def _is_theirs(record: logging.LogRecord) -> bool:
    return record.exc_info is not None and isinstance(record.exc_info[1], HttpProcessingError)


def bind(host: str, port: int) -> socket.socket:
    """Take a port; 0 takes a free one.

    Raises:
        AccessError: When it cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere it would let two servers share a port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except (OSError, UnicodeError) as error:
        listening.close()
        message = f"{host}:{port} cannot be listened on ({reason(error)}); name another --port."
        raise AccessError(message) from None
    return listening
