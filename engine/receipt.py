"""The receipt of a saved file: by which workflow it was made, and by what run.

Two texts, both canonical JSON. `latentgraph.workflow` is a workflow file of its own: the saving
step and all it was made from, every literal written out, files with their digests, so that it runs
again as it stands. `latentgraph.run` is what that run found: the key of each step, the digests of
its outputs, its seeds and files, who computed it. Equal runs give equal texts: there is no time in
them, and no path, host, user, setting of the environment or word of the command line.

docs/receipts.md is the specification.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from engine import workflow
from engine.graph import Graph, Source, Step
from engine.ports import FileRef
from engine.records import Record
from engine.resolution import Resolution

WORKFLOW, RUN = workflow.RECEIPT, "latentgraph.run"
RUN_FORMAT = "latentgraph.run/1"
MAX_BYTES = 4_000_000
"""A receipt larger than this, both texts together, is not written."""


def draft(graph: Graph, step: Step, known: Resolution) -> dict[str, Any]:
    """Describe how a step that is about to save came about; all it reads is known by content.

    Args:
        graph: What the run works on.
        step: The saving step.
        known: Keys and records of its ancestors.

    Returns:
        Plain values: `workflow` and `run`, without what only the saving itself can tell.
    """
    lineage = known.lineage(step)
    steps = [known.reduced(found) for found in graph if found.id in lineage]
    records = {found.id: known.records[found.id] for found in steps}
    whole = [*steps, known.reduced(step)]
    run: dict[str, Any] = {
        "format": RUN_FORMAT,
        "numerics": known.numerics,
        "saved": {"step": step.id},
        "seeds": {place: seed for found in whole for place, seed in _seeds(found).items()},
        "files": {place: file for found in whole for place, file in _files(found).items()},
        "steps": {
            name: {"key": known.lasting_key(name), **_outputs(record)}
            for name, record in records.items()
        },
        "made_by": {name: dict(record.by) for name, record in records.items()},
    }
    run["steps"][step.id] = {"key": known.lasting_key(step.id), "outputs": {}}
    return {"workflow": _document(graph, whole), "run": run}


def texts(drafted: Mapping[str, Any], number: int, maker: Mapping[str, Any]) -> dict[str, str]:
    """Finish a receipt.

    Args:
        drafted: As `draft` gave it.
        number: How many files the step saved before this one.
        maker: Who saves it (`maker_of`).

    Returns:
        The two texts by the names they have in a file; none when they would be too large.
    """
    run = dict(drafted["run"])
    made_by = {**run.pop("made_by"), run["saved"]["step"]: dict(maker)}
    makers: list[Any] = [dict(maker)]
    for found in made_by.values():
        if found not in makers:
            makers.append(found)
    run["saved"] = {**run["saved"], "number": number}
    run["makers"] = makers
    run["steps"] = {
        name: {**about, "by": makers.index(made_by[name])} for name, about in run["steps"].items()
    }
    both = {WORKFLOW: written(drafted["workflow"]), RUN: written(run)}
    return both if sum(map(len, both.values())) <= MAX_BYTES else {}


def written(value: Any) -> str:
    """Write JSON so that equal values give equal texts: sorted, ASCII, without spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _document(graph: Graph, steps: list[Step]) -> dict[str, Any]:
    names = {step.id for step in steps}
    parameters = {name: str(link) for name, link in graph.parameters.items() if link.step in names}
    document: dict[str, Any] = {
        "format": workflow.FORMAT,
        "nodes": {step.id: _written_step(step) for step in steps},
    }
    return {**document, "parameters": parameters} if parameters else document


def _written_step(step: Step) -> dict[str, Any]:
    literals = {name: _literal(value) for name, value in step.settings.items()}
    links = {name: _link(source) for name, source in step.links.items()}
    return {
        "type": step.node.name,
        "version": step.node.version,
        "inputs": {**literals, **links},
    }


def _literal(value: Any) -> Any:
    return {"name": value.name, "sha256": value.sha256} if isinstance(value, FileRef) else value


def _link(source: Source) -> Any:
    if isinstance(source, tuple):
        return [_link(link) for link in source]
    return {"link": str(source)}


def _seeds(step: Step) -> dict[str, int]:
    ports = step.node.inputs
    return {
        f"{step.id}.{name}": value
        for name, value in step.settings.items()
        if ports[name].seed and value is not None
    }


def _files(step: Step) -> dict[str, Any]:
    return {
        f"{step.id}.{name}": {
            **_literal(value),
            **({"beside": [[o.name, o.sha256] for o in value.beside]} if value.beside else {}),
        }
        for name, value in step.settings.items()
        if isinstance(value, FileRef)
    }


def _outputs(record: Record) -> dict[str, Any]:
    found = {name: [value.type, value.digest] for name, value in record.outputs.items()}
    return {"outputs": found}
