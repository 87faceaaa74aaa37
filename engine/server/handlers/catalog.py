"""What there is: node types, models, the state of the server, the description of the interface."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from aiohttp import web

from engine.registry import Registry
from engine.schema import node_schema, workflow_schema
from engine.server.bodies import JSON, answer
from engine.server.keys import INTERFACE, SERVICES

_MOST_LISTED = 5000  # a folder may be somebody's home


async def list_nodes(request: web.Request) -> web.StreamResponse:
    """Answer with every node type; 304 when the client has seen it."""
    registry = request.app[SERVICES].registry
    body = await asyncio.to_thread(_encoded, registry)
    return _unless_known(request, body)


async def list_models(request: web.Request) -> web.StreamResponse:
    """Answer with the files that nodes can be given as models."""
    services = request.app[SERVICES]
    found = await asyncio.to_thread(_models, services.models, _suffixes(services.registry))
    return answer({"models": found})


async def tell_health(request: web.Request) -> web.StreamResponse:
    """Answer at once, from memory."""
    return answer(request.app[SERVICES].desk.health())


async def tell_interface(request: web.Request) -> web.StreamResponse:
    """Describe this interface (OpenAPI 3.1)."""
    return _unless_known(request, request.app[INTERFACE])


async def tell_schema(request: web.Request) -> web.StreamResponse:
    """Describe workflow files (JSON Schema 2020-12)."""
    registry = request.app[SERVICES].registry
    body = await asyncio.to_thread(lambda: json.dumps(workflow_schema(registry)).encode())
    return _unless_known(request, body)


def _encoded(registry: Registry) -> bytes:
    return json.dumps({"nodes": [node_schema(node) for node in registry]}).encode()


def _unless_known(request: web.Request, body: bytes) -> web.Response:
    etag = hashlib.sha256(body).hexdigest()
    headers = {"ETag": f'"{etag}"', "Cache-Control": "no-cache"}
    if any(known.value == etag for known in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, content_type=JSON, headers=headers)


def _suffixes(registry: Registry) -> tuple[str, ...]:
    """What the names of models may end in, as the nodes say."""
    ports = (port for node in registry for port in node.inputs.values())
    marks = (port.file for port in ports if port.file and port.file.root == "models")
    return tuple(sorted({suffix for mark in marks for suffix in mark.suffixes}))


def _models(folders: Sequence[Path], suffixes: tuple[str, ...]) -> list[dict[str, Any]]:
    """List names and sizes; a link that leads out of its folder is not there."""
    return [
        {"name": path.relative_to(folder).as_posix(), "bytes": path.stat().st_size}
        for folder in folders
        for path in sorted(islice(_files(folder), _MOST_LISTED))
        if path.name.lower().endswith(suffixes)
    ]


def _files(folder: Path) -> Iterator[Path]:
    root = folder.resolve()
    for path in folder.rglob("*"):
        try:
            if path.is_file() and path.resolve().is_relative_to(root):
                yield path
        except (OSError, RuntimeError):  # gone meanwhile, or links in circles
            continue
