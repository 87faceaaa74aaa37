"""What is told about a route in one place: the application and its description are made of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

API = "/api/v1/"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Answers = Mapping[int, tuple[str, str]]


@dataclass(frozen=True)
class Route:
    """One method of one address.

    Attributes:
        method: HTTP method; GET serves HEAD as well.
        path: Address, `{name}` where a part of it varies.
        handler: What it does; the first line of its docstring is its summary.
        answers: Media type and schema by status; "" where there is no body, or no schema.
        body: Schema by media type of what it takes.
        query: Schema by name of what may follow the question mark.
        headers: Schema by name of the headers it looks at.
        refusals: Kinds of refusal (see `engine.server.refusals.KINDS`) of its own.
        socket: It is a WebSocket.
    """

    method: str
    path: str
    handler: Handler
    answers: Answers
    body: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    headers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    refusals: tuple[str, ...] = ()
    socket: bool = False
