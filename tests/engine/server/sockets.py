"""A WebSocket client on a plain socket: a handshake, and the frames that come."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.engine.server.running import Server, request_text

_UPGRADE = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)


@dataclass
class Stream:
    """What a client has heard."""

    connection: socket.socket
    waiting: bytes = b""

    def next(self) -> dict[str, Any] | bytes:
        """Return the next message: an event, or the bytes of a binary frame."""
        first, second = self._take(2)
        assert not second & 0x80, "a server masks nothing"
        length = second & 0x7F
        if length == 126:
            length = int.from_bytes(self._take(2), "big")
        elif length == 127:
            length = int.from_bytes(self._take(8), "big")
        data = self._take(length)
        if first & 0x0F == 8:
            raise ConnectionError(f"closed: {data!r}")
        if first & 0x0F == 9:
            return self.next()
        return data if first & 0x0F == 2 else json.loads(data)

    def until(self, kind: str, run: str | None = None) -> list[dict[str, Any]]:
        """Return events up to the first of a kind (of a run)."""
        heard = []
        while True:
            event = self.next()
            if isinstance(event, bytes):
                continue
            heard.append(event)
            if event["event"] == kind and run in (None, event.get("run")):
                return heard

    def _take(self, count: int) -> bytes:
        while len(self.waiting) < count:
            part = self.connection.recv(65_536)
            if not part:
                raise ConnectionError("closed")
            self.waiting += part
        taken, self.waiting = self.waiting[:count], self.waiting[count:]
        return taken


@contextlib.contextmanager
def listening(server: Server, path: str) -> Iterator[Stream]:
    """Open a stream below /api/v1/."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=15)
    with connection:
        connection.sendall(request_text("GET", f"/api/v1/{path}", *_UPGRADE, host=server.host))
        found = b""
        while b"\r\n\r\n" not in found:
            found += connection.recv(65_536)
        head, _, rest = found.partition(b"\r\n\r\n")
        assert b" 101 " in head.splitlines()[0], found
        yield Stream(connection, rest)
