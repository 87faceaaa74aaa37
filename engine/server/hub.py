"""Wakes the sockets of the event loop when another thread has told the feed something."""

from __future__ import annotations

import asyncio

from aiohttp import WSCloseCode, web

from engine.server.feed import Feed

_PAUSE = 0.001
_PAUSE_EACH = 0.0001
"""Seconds between two rounds of sending, and more for each socket: a burst of events becomes one
round, and a crowd that takes long to be told is told less often."""


class Hub:
    """Who listens to the feed; lives in the event loop."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.sockets: set[web.WebSocketResponse] = set()
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._called = False
        self._last = 0.0
        feed.listen(self._call)

    async def wait(self) -> None:
        """Wait until the feed has something new since the last round."""
        await self._changed.wait()

    async def close(self) -> None:
        """Say good-bye to everybody."""
        leaving = [
            socket.close(code=WSCloseCode.GOING_AWAY, message=b"the server stops")
            for socket in self.sockets
        ]
        await asyncio.gather(*leaving, return_exceptions=True)

    def _call(self) -> None:
        """Ask the loop for a round, unless it has been asked; called by any thread."""
        if not self._called:
            self._called = True
            try:
                self._loop.call_soon_threadsafe(self._plan)
            except RuntimeError:  # the loop has ended, and everybody has left
                return

    def _plan(self) -> None:
        pause = max(_PAUSE, _PAUSE_EACH * len(self.sockets))
        self._loop.call_at(max(self._loop.time(), self._last + pause), self._wake)

    def _wake(self) -> None:
        self._called = False
        self._last = self._loop.time()
        self._changed.set()
        self._changed.clear()
