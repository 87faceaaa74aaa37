"""Every route, in one table: addresses, what goes in, what comes out, who does it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.server.bodies import JSON
from engine.server.handlers import (
    artifacts,
    catalog,
    inputs,
    pages,
    runs,
    session,
    streams,
    workflows,
)
from engine.server.route import API, Answers, Route
from engine.server.serving import RASTERS

_ANY = ""
_TEXT: Mapping[str, Any] = {"type": "string"}
_WHOLE: Mapping[str, Any] = {"type": "integer", "minimum": 1}
_ETAG: Mapping[str, Any] = {"type": "string", "description": 'The ETag, `"..."`.'}
_NONE: Mapping[str, Any] = {"const": "*", "description": "Only if there is none yet."}
_SINCE: Mapping[str, Mapping[str, Any]] = {
    "since": {"type": "integer", "minimum": 0, "description": "Number of the last event seen."},
    "epoch": {"type": "string", "description": "The epoch that event came with."},
}
_BODY_FAULTS = ("wrong-value", "too-large", "slow")
_CHANGE_FAULTS = ("foreign-origin", *_BODY_FAULTS)
_PICTURES = {kind: _ANY for kind, _ in RASTERS} | {"application/octet-stream": _ANY}


def _json(name: str, status: int = 200) -> Answers:
    return {status: (JSON, name)}


def _takes(name: str) -> Mapping[str, str]:
    return {JSON: name}


_NOTHING: Answers = {204: ("", "")}
_SOCKET: Answers = {101: ("", "")}
_CACHED: Answers = {304: ("", "")}

ROUTES: tuple[Route, ...] = (
    Route("GET", f"{API}health", catalog.tell_health, _json("Health")),
    Route("GET", f"{API}openapi.json", catalog.tell_interface,
          {**_json("Document"), **_CACHED}),
    Route("GET", f"{API}schema", catalog.tell_schema,
          {**_json("Document"), **_CACHED}),
    Route("GET", f"{API}nodes", catalog.list_nodes, {**_json("Nodes"), **_CACHED}),
    Route("GET", f"{API}models", catalog.list_models, _json("Models")),
    Route("POST", f"{API}session", session.open_session, _json("Opened"), _takes("Session"),
          refusals=_CHANGE_FAULTS),
    Route("POST", f"{API}check", runs.check_workflow, _json("Checked"), _takes("CheckRequest"),
          refusals=(*_CHANGE_FAULTS, "flooded")),
    Route("POST", f"{API}plan", runs.plan_workflow, _json("Planned"), _takes("CheckRequest"),
          refusals=(*_CHANGE_FAULTS, "flooded")),
    Route("POST", f"{API}runs", runs.submit_run, _json("Run", 202), _takes("RunRequest"),
          headers={"Idempotency-Key": _TEXT},
          refusals=(*_CHANGE_FAULTS, "flooded", "conflict", "storage")),
    Route("GET", f"{API}runs", runs.list_runs, _json("Runs"),
          query={"limit": _WHOLE, "before": _TEXT}, refusals=("wrong-value",)),
    Route("GET", f"{API}runs/{{id}}", runs.tell_run, _json("Run"), refusals=("not-found",)),
    Route("GET", f"{API}runs/{{id}}/workflow", runs.tell_asked, _json("Asked"),
          refusals=("not-found",)),
    Route("GET", f"{API}runs/{{id}}/story", runs.tell_story, _json("Story"),
          refusals=("not-found",)),
    Route("DELETE", f"{API}runs/{{id}}", runs.cancel_run,
          {**_json("Run"), **_json("Run", 202)},
          refusals=("not-found", "foreign-origin")),
    Route("PATCH", f"{API}runs/{{id}}", runs.change_run, _json("Run"), _takes("RunChange"),
          refusals=(*_CHANGE_FAULTS, "not-found", "conflict")),
    Route("GET", f"{API}runs/{{id}}/events", streams.stream_run, _SOCKET, query=_SINCE,
          refusals=("not-found", "no-socket", "foreign-origin", "wrong-value", "flooded"),
          socket=True),
    Route("GET", f"{API}events", streams.stream_all, _SOCKET, query=_SINCE,
          refusals=("no-socket", "foreign-origin", "wrong-value", "flooded"), socket=True),
    Route("GET", f"{API}queue", runs.tell_queue, _json("Queue")),
    Route("PATCH", f"{API}queue", runs.change_queue, _json("Queue"), _takes("QueueChange"),
          refusals=_CHANGE_FAULTS),
    Route("POST", f"{API}inputs", inputs.take_input, _json("Input", 201), _PICTURES,
          query={"name": _TEXT},
          refusals=(*_CHANGE_FAULTS, "flooded", "conflict", "storage")),
    Route("GET", f"{API}inputs/{{name:.+}}", inputs.send_input,
          {200: ("application/octet-stream", _ANY)}, refusals=("not-found",)),
    Route("GET", f"{API}artifacts/{{id}}", artifacts.send_artifact,
          {200: ("application/octet-stream", _ANY)}, refusals=("not-found",)),
    Route("GET", f"{API}workflows", workflows.list_workflows, _json("Library")),
    Route("GET", f"{API}workflows/{{name:.+}}", workflows.read_workflow,
          {**_json("Document"), **_CACHED}, refusals=("not-found", "storage")),
    Route("PUT", f"{API}workflows/{{name:.+}}", workflows.write_workflow, _json("Saved"),
          _takes("Document"), headers={"If-Match": _ETAG, "If-None-Match": _NONE},
          refusals=(*_CHANGE_FAULTS, "not-found", "changed-elsewhere", "condition-missing",
                    "storage")),
    Route("DELETE", f"{API}workflows/{{name:.+}}", workflows.delete_workflow, _NOTHING,
          headers={"If-Match": _ETAG},
          refusals=("foreign-origin", "not-found", "changed-elsewhere", "condition-missing",
                    "storage")),
    Route("GET", f"{API}versions/{{name:.+}}/{{number:[0-9]+}}", workflows.read_version,
          _json("Document"), refusals=("not-found",)),
    Route("GET", f"{API}versions/{{name:.+}}", workflows.list_versions, _json("Versions")),
    Route("GET", f"{API}drafts", workflows.list_drafts, _json("Drafts")),
    Route("GET", f"{API}drafts/{{name:.+}}", workflows.read_draft, _json("Document"),
          refusals=("not-found",)),
    Route("PUT", f"{API}drafts/{{name:.+}}", workflows.write_draft, _NOTHING, _takes("Document"),
          refusals=(*_CHANGE_FAULTS, "not-found", "storage")),
    Route("DELETE", f"{API}drafts/{{name:.+}}", workflows.delete_draft, _NOTHING,
          refusals=("foreign-origin", "not-found", "storage")),
    Route("GET", "/", pages.show_page, {200: ("text/html", _ANY), **_CACHED}),
    Route("GET", "/{place:(?!api(?:/|$)).+}", pages.show_place, {200: ("", ""), **_CACHED}),
)  # fmt: skip
