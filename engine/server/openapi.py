"""The description of the interface (OpenAPI 3.1), made from the route table."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from engine.server.refusals import KINDS, MEDIA_TYPE
from engine.server.route import API, Route
from engine.server.schemas import SCHEMAS

_IN_PATH = re.compile(r"\{(\w+)(?::(?:[^{}]|\{[^}]*\})*)?\}")
_JSON = "application/json"
_ALWAYS = (
    "malformed",
    "not-found",
    "foreign-host",
    "no-credential",
    "many-headers",
    "wrong-media-type",
)
"""Kinds of refusal that every address may answer with; they are the same for all."""


def describe(routes: Sequence[Route]) -> dict[str, Any]:
    """Describe the interface."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        if route.path.startswith(API):
            path = _IN_PATH.sub(r"{\1}", route.path)
            paths.setdefault(path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Latentgraph",
            "version": "1",
            "description": "Check, plan and run graphs. Unknown ids are 404, never done.",
        },
        "servers": [{"url": "http://127.0.0.1:8288"}],
        "security": [{}, {"token": []}],
        "paths": paths,
        "components": {
            "schemas": dict(SCHEMAS),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def openapi_text(routes: Sequence[Route]) -> str:
    """Write the description as it is committed."""
    return json.dumps(describe(routes), indent=1, ensure_ascii=False) + "\n"


def _operation(route: Route) -> dict[str, Any]:
    summary = (route.handler.__doc__ or "").strip().splitlines()[0]
    operation: dict[str, Any] = {
        "operationId": route.handler.__name__,
        "summary": summary,
        "parameters": _parameters(route),
        "responses": _responses(route),
    }
    if route.body:
        content = {kind: {"schema": _schema(name)} for kind, name in route.body.items()}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _parameters(route: Route) -> list[dict[str, Any]]:
    placed = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _IN_PATH.findall(route.path)
    ]
    for place, known in (("query", route.query), ("header", route.headers)):
        placed += [
            {"name": name, "in": place, "required": False, "schema": dict(schema)}
            for name, schema in known.items()
        ]
    return placed


def _responses(route: Route) -> dict[str, Any]:
    answers = {
        str(status): _answer(status, kind, name) for status, (kind, name) in route.answers.items()
    }
    for refusal in (*_ALWAYS, *route.refusals):
        status, title = KINDS[refusal]
        answers.setdefault(str(status), _described(title, MEDIA_TYPE, "ProblemDocument"))
    return dict(sorted(answers.items()))


def _answer(status: int, kind: str, name: str) -> Mapping[str, Any]:
    words = {101: "A WebSocket", 204: "Done", 304: "Not changed"}.get(status, "As asked")
    return _described(words, kind, name) if kind else {"description": words}


def _described(words: str, kind: str, name: str) -> dict[str, Any]:
    return {"description": words, "content": {kind: {"schema": _schema(name)}}}


def _schema(name: str) -> dict[str, Any]:
    """Point to a schema; no name is any bytes."""
    return {"$ref": f"#/components/schemas/{name}"} if name else {}
