"""JSON Schemas of what goes in and comes out, by name: for the checks and for `openapi.json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.workflow import FORMAT, MAX_NAME

Schema = Mapping[str, Any]

_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_TIME: Schema = {"type": ["number", "null"], "description": "Seconds since 1970."}
_SHA256: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_STATES = ("queued", "running", "done", "failed", "cancelled", "poisoned")
PRIORITIES = 1000
_PRIORITY: Schema = {"type": "integer", "minimum": -PRIORITIES, "maximum": PRIORITIES}


def _object(required: Mapping[str, Any], optional: Mapping[str, Any] | None = None) -> Schema:
    """Describe an object that is to come with nothing else."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def _open(required: Mapping[str, Any]) -> Schema:
    """Describe an object that may grow in later versions."""
    return {"type": "object", "properties": dict(required), "required": list(required)}


def _list(name: str) -> Schema:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}


_WORKFLOW: Schema = {
    "type": "object",
    "description": f"A workflow document ({FORMAT}); GET /api/v1/schema describes it.",
}
_CHANGES: Schema = {
    "type": "object",
    "description": "New values by parameter, or by step.input.",
    "maxProperties": 1000,
    "propertyNames": {"type": "string", "pattern": "^[^=]+$", "maxLength": 2 * MAX_NAME},
    "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
}
_NAMED: Mapping[str, Schema] = {
    "name": {"type": "string", "minLength": 1, "maxLength": MAX_NAME},
    "set": _CHANGES,
}
_FACTS: Schema = {
    "type": "object",
    "description": "What is known of a value before it is computed, by step.output.",
    "additionalProperties": {"type": "object"},
}

SCHEMAS: Mapping[str, Schema] = {
    "Session": _object({"token": {"type": "string", "maxLength": 1000}}),
    "CheckRequest": _object({"workflow": _WORKFLOW}, _NAMED),
    "RunRequest": _object(
        {"workflow": _WORKFLOW},
        {
            **_NAMED,
            "priority": _PRIORITY,
        },
    ),
    "RunChange": {
        **_object({}, {"priority": _PRIORITY, "before": {"type": "string", "maxLength": 20}}),
        "minProperties": 1,
        "description": "Another priority, or the place before another run that waits.",
    },
    "QueueChange": _object({"paused": {"type": "boolean"}}),
    "Queue": _open({"paused": {"type": "boolean"}, "queued": _COUNT, "running": _COUNT}),
    "Problem": _open(
        {
            "code": _TEXT,
            "message": _TEXT,
            "step": _TEXT,
            "port": _TEXT,
            "severity": _TEXT,
            "fix": _TEXT,
            "fixes": {"type": "array"},
        }
    ),
    "ProblemDocument": {
        **_open({"type": _TEXT, "title": _TEXT, "status": {"type": "integer"}, "detail": _TEXT}),
        "description": "RFC 9457; `problems` lists what is wrong with a workflow.",
    },
    "Checked": _open(
        {
            "ok": {"type": "boolean"},
            "problems": _list("Problem"),
            "hidden": _COUNT,
            "facts": _FACTS,
        }
    ),
    "PlanStep": _open(
        {
            "step": _TEXT,
            "type": _TEXT,
            "state": {"enum": ["cached", "run", "may run", "unused"]},
            "reason": _TEXT,
            "key": {"type": ["string", "null"]},
            "seconds": {"type": ["number", "null"]},
            "memory": {"type": ["integer", "null"], "description": "Bytes, about."},
        }
    ),
    "Planned": _open(
        {
            "ok": {"type": "boolean"},
            "problems": _list("Problem"),
            "hidden": _COUNT,
            "facts": _FACTS,
            "steps": _list("PlanStep"),
            "seconds": {"type": ["number", "null"]},
            "memory": {
                "type": ["object", "null"],
                "description": "Bytes at most at one time, about, and those of the machine.",
            },
        }
    ),
    "Artifact": _open({"id": _TEXT, "name": _TEXT, "href": _TEXT}),
    "Run": _open(
        {
            "id": _TEXT,
            "state": {"enum": list(_STATES)},
            "name": _TEXT,
            "priority": {"type": "integer"},
            "attempt": _COUNT,
            "created": _TIME,
            "started": _TIME,
            "finished": _TIME,
            "problems": _list("Problem"),
            "message": _TEXT,
            "artifacts": _list("Artifact"),
            "counts": {"type": "object"},
        }
    ),
    "Asked": _open({"workflow": _WORKFLOW, "name": _TEXT, "set": {"type": "object"}}),
    "Story": _open({"events": {"type": "array", "items": {"type": "object"}}}),
    "Runs": _open({"runs": _list("Run"), "next": {"type": ["string", "null"]}}),
    "Nodes": _open({"nodes": {"type": "array", "items": {"type": "object"}}}),
    "Model": _open({"name": _TEXT, "bytes": _COUNT}),
    "Models": _open({"models": _list("Model")}),
    "Health": _open({"status": {"const": "ok"}, "epoch": _TEXT}),
    "Input": _open({"name": _TEXT, "sha256": _SHA256, "bytes": _COUNT, "type": _TEXT}),
    "Opened": _open({"open": {"const": True}}),
    "Saved": _open({"name": _TEXT, "etag": _SHA256}),
    "LibraryEntry": _open({"name": _TEXT, "bytes": _COUNT, "modified": _TIME}),
    "Version": _open({"number": _COUNT, "etag": _SHA256, "replaced": _TIME, "bytes": _COUNT}),
    "Versions": _open({"versions": _list("Version")}),
    "Draft": _open({"name": _TEXT, "modified": _TIME, "bytes": _COUNT}),
    "Drafts": _open({"drafts": _list("Draft")}),
    "Library": _open({"workflows": _list("LibraryEntry")}),
    "Document": {"type": "object"},
}
"""By name."""
