"""`--set NAME=VALUE` and `--count N`: changes to a workflow before it is checked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.graph import Graph
from engine.ports import MAX_SEED, Port
from engine.problems import Problem
from engine.registry import Registry
from engine.verdict import did_you_mean, fault
from engine.workflow import Link, Workflow, split_address


def apply_changes(
    workflow: Workflow, changes: Iterable[str], registry: Registry
) -> tuple[Workflow, list[Problem]]:
    """Set parameters and inputs, each value read as the type of its port."""
    inputs: dict[tuple[str, str], Any] = {}
    problems: list[Problem] = []
    for change in changes:
        try:
            target, value = _read(workflow, change, registry)
            inputs[target.step, target.output] = value
        except ValueError as error:
            problems.append(Problem("wrong-set", f"--set {change}: {error}"))
    return workflow.with_inputs(inputs) if inputs else workflow, problems


def seeds(graph: Graph) -> dict[tuple[str, str], int]:
    """List the seeds that are written as numbers, defaults included."""
    return {
        (step.id, name): step.settings[name]
        for step in graph
        for name, port in step.node.inputs.items()
        if port.seed and step.settings.get(name) is not None
    }


def shifted(found: dict[tuple[str, str], int], by: int) -> dict[tuple[str, str], int]:
    """Add to every seed, wrapping at the largest."""
    return {place: (seed + by) % (MAX_SEED + 1) for place, seed in found.items()}


def _read(workflow: Workflow, change: str, registry: Registry) -> tuple[Link, Any]:
    name, equals, text = change.partition("=")
    if not equals:
        raise ValueError("write it as NAME=VALUE")
    target = workflow.parameters.get(name) or split_address(name)
    if target is None:
        hint = did_you_mean(name, workflow.parameters)
        raise ValueError(f'there is no parameter "{name}"; {hint} (or write node.input)')
    if target.step not in workflow.steps:
        hint = did_you_mean(target.step, workflow.steps)
        raise ValueError(f'there is no step "{target.step}"; {hint}')
    node = registry.get(workflow.steps[target.step].type)
    if node is None:
        return target, text  # the check says that the type is unknown
    if target.output not in node.inputs:
        hint = did_you_mean(target.output, node.inputs)
        raise ValueError(f'{node.name} has no input "{target.output}"; {hint}')
    return target, _value(node.inputs[target.output], text)


def _value(port: Port, text: str) -> Any:
    """Read the text as the port's type; what does not fit is refused in the port's words."""
    if port.kind in ("link", "links"):
        raise ValueError(f"this input takes a link to {port.type_name}, not a value")
    if text == "null" and port.nullable:
        return None
    if port.kind == "file":
        return text
    try:
        value: Any = {"true": True, "false": False}[text] if port.type is bool else port.type(text)
    except (ValueError, KeyError):
        value = text
    if problem := fault(port, value):
        raise ValueError(problem)
    return value
