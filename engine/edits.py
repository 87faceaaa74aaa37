"""Applies the edits of a fix to a workflow document: a document in, a new document out.

Nothing but the edited inputs changes: the order of all keys and everything unknown stay as they
were, and the document that came in is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from engine.errors import WorkflowError
from engine.problems import Edit, NewStep
from engine.verdict import shown


def apply(document: Mapping[str, Any], edits: Iterable[Edit]) -> dict[str, Any]:
    """Return a copy of a workflow document with all edits made, in their order.

    Args:
        document: A document as `latentgraph/1` describes it.
        edits: As a `Fix` of one of its problems lists them.

    Raises:
        WorkflowError: When a step to edit is not there or has no inputs to edit.
    """
    nodes = dict(document["nodes"])
    for edit in edits:
        inputs = _inputs(nodes, edit.step)
        if edit.via is not None:
            inputs[edit.input] = _through(nodes, edit.via, inputs.get(edit.input))
        elif edit.value is None:
            inputs.pop(edit.input, None)
        else:
            inputs[edit.input] = edit.value
        nodes[edit.step] = {**nodes[edit.step], "inputs": inputs}
    return {**document, "nodes": nodes}


def _inputs(nodes: Mapping[str, Any], step: str) -> dict[str, Any]:
    raw = nodes.get(step)
    inputs = raw.get("inputs", {}) if isinstance(raw, dict) else None
    if not isinstance(inputs, dict):
        raise WorkflowError(f"{shown(step)} is no step whose inputs can be edited; check again.")
    return dict(inputs)


def _through(nodes: dict[str, Any], new: NewStep, old: Any) -> Any:
    """Put a new step before an input; before every item of a list one of its own."""
    if isinstance(old, list):
        return [_through(nodes, new, item) for item in old]
    name = _fresh(new.type, nodes)
    reads = {} if old is None else {new.reads: old}
    nodes[name] = {"type": new.type, "inputs": {**reads, **new.inputs}}
    return {"link": f"{name}.{new.gives}"}


def _fresh(kind: str, taken: Mapping[str, Any]) -> str:
    """Name a new step after its type: `resize`, `resize_2`, ..."""
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", kind).lower()
    number = 2
    chosen = name
    while chosen in taken:
        chosen = f"{name}_{number}"
        number += 1
    return chosen
