"""JSON Schema (2020-12) of ports, nodes and the whole workflow file, from the declarations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.ports import SHA256_FORM, File, Port
from engine.registry import AnyNode
from engine.workflow import FORMAT, MODES

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TYPES: dict[type, str] = {int: "integer", float: "number", bool: "boolean", str: "string"}
_LINK = {"$ref": "#/$defs/link"}


def port_schema(port: Port) -> dict[str, Any]:
    """Describe the value of a port: literals as JSON, links by `x-link`.

    With `x-variable`, `x-link` is a name such as `T` for one type that may be any: the same one in
    all inputs and outputs of the node that bear the name.
    """
    schema: dict[str, Any] = {"title": port.name, "description": port.help}
    if port.file:
        schema |= _file(port, port.file)
    elif port.kind == "setting":
        schema |= _setting(port)
    elif port.kind == "links":
        schema |= {"type": "array", "items": {"x-link": port.type_name}}
    else:
        schema["x-link"] = port.type_name
    if port.facts:
        schema["x-facts"] = dict(port.facts)
    if port.nullable:
        schema["x-optional"] = True
    if port.variable:
        schema["x-variable"] = True
    if port.lazy:
        schema["x-lazy"] = True
    return schema


def node_schema(node: AnyNode) -> dict[str, Any]:
    """Describe the inputs and, under `x-outputs`, the outputs of a node type."""
    return {
        "$schema": DIALECT,
        "$id": f"{node.name}@{node.version}",
        "title": node.title,
        "description": node.help,
        "type": "object",
        "properties": {name: port_schema(port) for name, port in node.inputs.items()},
        "required": [name for name, port in node.inputs.items() if port.required],
        "additionalProperties": False,
        "x-category": node.category,
        "x-effect": node.effect,
        "x-outputs": {name: port.type_name for name, port in node.outputs.items()},
        "x-output-facts": {
            name: dict(port.facts) for name, port in node.outputs.items() if port.facts
        },
    }


def workflow_schema(nodes: Iterable[AnyNode]) -> dict[str, Any]:
    """Describe a workflow file; the inputs of a step follow from its `type`."""
    known = list(nodes)
    return {
        "$schema": DIALECT,
        "$id": f"{FORMAT}/workflow.schema.json",
        "title": "Latentgraph workflow",
        "type": "object",
        "properties": {
            "format": {"const": FORMAT},
            "meta": {"type": "object"},
            "parameters": {"type": "object", "additionalProperties": {"type": "string"}},
            "nodes": {"type": "object", "additionalProperties": {"$ref": "#/$defs/step"}},
            "layout": {"type": "object"},
        },
        "required": ["format", "nodes"],
        "$defs": {"link": _link_schema(), "step": _step_schema(known)},
    }


def _setting(port: Port) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": _TYPES[port.type]}
    if port.nullable:
        schema["type"] = [schema["type"], "null"]
    if port.choices is not None:
        schema["enum"] = [*port.choices, *([None] if port.nullable else [])]
    for name, value in (
        ("minimum", port.bounds.ge),
        ("maximum", port.bounds.le),
        ("x-step", port.bounds.step),
        ("maxLength", port.text.max_length if port.text else None),
        ("x-multiline", port.text.multiline if port.text else None),
        ("x-seed", port.seed or None),
        ("default", port.default),
    ):
        if value is not None:
            schema[name] = value
    return schema


def _file(port: Port, mark: File) -> dict[str, Any]:
    named = {
        "type": "object",
        "properties": {
            "name": {"type": "string", "minLength": 1},
            "sha256": {"type": "string", "pattern": f"^{SHA256_FORM}$"},
        },
        "required": ["name"],
        "additionalProperties": False,
    }
    forms: list[dict[str, Any]] = [{"type": "string", "minLength": 1}, named]
    if port.nullable:
        forms.append({"type": "null"})
    return {"anyOf": forms, "x-file": mark.root, "x-suffixes": list(mark.suffixes)}


def _link_schema() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"link": {"type": "string", "pattern": r"^.+\.[^.]+$"}},
        "required": ["link"],
        "additionalProperties": False,
    }


def _step_schema(nodes: list[AnyNode]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "type": {"type": "string", "examples": [node.name for node in nodes]},
            "version": {"type": "integer", "minimum": 1},
            "inputs": {"type": "object"},
            "mode": {"enum": list(MODES)},
        },
        "required": ["type"],
        "allOf": [
            {
                "if": {"properties": {"type": {"const": node.name}}},
                "then": {"properties": {"inputs": _written_inputs(node)}},
            }
            for node in nodes
        ],
    }


def _written_inputs(node: AnyNode) -> dict[str, Any]:
    return {
        "title": node.title,
        "description": node.help,
        "type": "object",
        "properties": {name: _written(port) for name, port in node.inputs.items()},
        "required": [name for name, port in node.inputs.items() if port.required],
        "additionalProperties": False,
    }


def _written(port: Port) -> dict[str, Any]:
    """What may stand in the file: a literal or a link for a setting, links for the rest."""
    schema = port_schema(port)
    about = {"title": schema.pop("title"), "description": schema.pop("description")}
    match port.kind:
        case "setting":
            return {**about, "anyOf": [schema, _LINK]}
        case "file":
            return {**about, **schema}
        case "links":
            return {**about, "type": "array", "items": _LINK}
    return {**about, "anyOf": [_LINK, {"type": "null"}]} if port.nullable else {**about, **_LINK}
