"""A WebSocket client (RFC 6455) that reads one frame at a time, so that a test can be slow."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.engine.server.running import API, Server, request_text, status_of

_TEXT, _BINARY, _CLOSE, _PING, _PONG = 1, 2, 8, 9, 10
_PATIENCE = 20.0
Wanted = Callable[[dict[str, Any]], bool]


class LeftError(Exception):
    """The server has closed the connection."""


@dataclass
class Listener:
    """An open socket and what has come over it.

    Attributes:
        heard: Every message, in order; the bytes of a preview are its `data`.
    """

    connection: socket.socket
    heard: list[dict[str, Any]] = field(default_factory=list)
    _rest: bytes = b""

    @property
    def place(self) -> str:
        """Where to go on, as a query."""
        last = self.heard[-1]
        return f"?epoch={last['epoch']}&since={last['seq']}"

    @property
    def kinds(self) -> list[str]:
        return [message["event"] for message in self.heard]

    def next(self) -> dict[str, Any]:
        """Wait for the next message."""
        while True:
            code, payload = self._frame()
            if code == _CLOSE:
                raise LeftError(payload[2:].decode())
            if code == _PING:
                self._send(_PONG, payload)
            if code in (_TEXT, _BINARY):
                self.heard.append(_message(code, payload))
                return self.heard[-1]

    def until(self, wanted: Wanted) -> dict[str, Any]:
        """Read on to the first message that is wanted."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            message = self.next()
            if wanted(message):
                return message
        raise TimeoutError(self.kinds)

    def until_kind(self, kind: str, run: str | None = None) -> dict[str, Any]:
        """Read on to the first event of a kind, of a run or of any."""
        return self.until(lambda m: m["event"] == kind and run in (None, m.get("run")))

    def _frame(self) -> tuple[int, bytes]:
        first, second = self._bytes(2)
        size = second & 127
        if size > 125:
            size = int.from_bytes(self._bytes(2 if size == 126 else 8), "big")
        return first & 15, self._bytes(size)

    def _bytes(self, count: int) -> bytes:
        while len(self._rest) < count:
            part = self.connection.recv(65_536)
            if not part:
                raise LeftError("the connection is gone")
            self._rest += part
        found, self._rest = self._rest[:count], self._rest[count:]
        return found

    def _send(self, code: int, payload: bytes) -> None:
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
        self.connection.sendall(bytes([128 | code, 128 | len(payload)]) + mask + masked)


@contextlib.contextmanager
def listening(server: Server, path: str = "events") -> Iterator[Listener]:
    """Open a WebSocket below /api/v1/ during a block."""
    key = base64.b64encode(os.urandom(16)).decode()
    upgrade = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
               f"Sec-WebSocket-Key: {key}")  # fmt: skip
    with socket.create_connection(("127.0.0.1", server.port), timeout=_PATIENCE) as connection:
        connection.sendall(request_text("GET", API + path, *upgrade, host=server.host))
        head = b""
        while b"\r\n\r\n" not in head:
            part = connection.recv(65_536)
            assert part, head
            head += part
        assert status_of(head) == 101, head
        yield Listener(connection, _rest=head.partition(b"\r\n\r\n")[2])


def _message(code: int, payload: bytes) -> dict[str, Any]:
    if code == _TEXT:
        message: dict[str, Any] = json.loads(payload)
        return message
    end = 4 + int.from_bytes(payload[:4], "big")
    return {**json.loads(payload[4:end]), "data": payload[end:]}
