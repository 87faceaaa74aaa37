"""One server from its first connection to its last: open, tell where, wait for a signal, close."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator

from aiohttp import web

from engine.server.access import Access, is_loopback
from engine.server.door import Door

_ANYWHERE = ("0.0.0.0", "::")  # noqa: S104 - only told apart here


def serve(app: web.Application, listening: socket.socket, ready: Callable[[], None]) -> None:
    """Serve until Ctrl-C or a request to terminate.

    Args:
        app: What answers.
        listening: A bound socket.
        ready: Called once connections are taken.
    """
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(app, listening, ready))


def url_of(access: Access, listen: str) -> str:
    """Write the address to open, with the ticket where one is needed."""
    host = "127.0.0.1" if listen in _ANYWHERE else listen
    name = f"[{host}]" if ":" in host else host
    ticket = f"?ticket={access.ticket.secret}" if access.token else ""
    return f"http://{name}:{access.port}/{ticket}"


def open_browser(url: str) -> None:
    """Open the browser from a thread, as some browsers only return when they are closed."""
    threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()


def is_open_to_others(listen: str) -> bool:
    """Tell whether other machines get to the address."""
    return not is_loopback(listen)


async def _serve(app: web.Application, listening: socket.socket, ready: Callable[[], None]) -> None:
    door = Door(app, listening)
    with _stopped_by_signals() as stopped:
        try:
            await door.open()
            ready()
            await stopped.wait()
        finally:
            await door.close()


@contextlib.contextmanager
def _stopped_by_signals() -> Iterator[asyncio.Event]:
    """Give an event that the first signal sets; a second one acts as always."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM)

    def stop() -> None:
        stopped.set()
        for number in numbers:
            loop.remove_signal_handler(number)

    if sys.platform != "win32":  # there, Ctrl-C interrupts the loop itself
        for number in numbers:
            loop.add_signal_handler(number, stop)
    yield stopped
