"""Checks a workflow and freezes it into a graph: every problem at once, nothing computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.bindings import Binder, Bound
from engine.facts import Known, check_links
from engine.files import Files
from engine.graph import Graph, Step, find_cycle, topological_order
from engine.problems import Problem
from engine.registry import Registry
from engine.verdict import did_you_mean
from engine.workflow import Link, StepSource, Workflow


@dataclass(frozen=True)
class Checked:
    """The graph when there are no problems, else None and the problems."""

    graph: Graph | None
    problems: tuple[Problem, ...]


def check(workflow: Workflow, registry: Registry, files: Files) -> Checked:
    """Find all problems of a workflow; a problem that follows from another is left out."""
    problems = [*workflow.problems]
    binder = Binder(files)
    bounds: dict[str, Bound | None] = {step_id: None for step_id in workflow.document["nodes"]}
    for source in workflow.steps.values():
        bounds[source.id] = _bind(source, registry, binder, problems)
    usable = {step_id: bound for step_id, bound in bounds.items() if bound is not None}
    parents = {step_id: _parents(bound, usable) for step_id, bound in usable.items()}
    order = topological_order(parents)
    if order is None:
        problems.append(_cycle(parents))
    known: Known = {}
    for step_id in order or usable:
        check_links(usable[step_id], bounds, known if order else {})
        problems.extend(usable[step_id].problems)
    problems.extend(_parameter_problems(workflow, bounds))
    if not workflow.document["nodes"]:
        problems.append(Problem("empty", "the workflow has no steps", fix="add a node"))
    graph = None if problems else Graph({name: _step(usable[name]) for name in order or ()})
    return Checked(graph, tuple(problems))


def _bind(
    source: StepSource, registry: Registry, binder: Binder, problems: list[Problem]
) -> Bound | None:
    node = registry.get(source.type)
    if node is None:
        message = f'there is no node type "{source.type}"'
        hint = registry.suggestion(source.type)
        problems.append(Problem("unknown-type", message, source.id, fix=hint))
        return None
    if source.version is not None and source.version > node.version:
        message = f"made for {node.name} version {source.version}, this is version {node.version}"
        fix = "update Latentgraph"
        problems.append(Problem("newer-version", message, source.id, fix=fix))
        return None
    return binder.bind(source, node)


def _parents(bound: Bound, usable: Mapping[str, Bound]) -> tuple[str, ...]:
    return tuple(step for step in _step(bound).parents if step in usable)


def _step(bound: Bound) -> Step:
    return Step(bound.source.id, bound.node, bound.settings, bound.links)


def _cycle(parents: Mapping[str, tuple[str, ...]]) -> Problem:
    cycle = find_cycle(parents)
    message = f"these steps wait for each other: {' -> '.join(cycle)}"
    return Problem("cycle", message, step=cycle[0], fix="remove one of these links")


def _parameter_problems(workflow: Workflow, bounds: Mapping[str, Bound | None]) -> list[Problem]:
    problems = []
    for name, target in workflow.parameters.items():
        if message := _pointless(target, bounds):
            problems.append(Problem("lost-parameter", f'parameter "{name}" {message}'))
    return problems


def _pointless(target: Link, bounds: Mapping[str, Bound | None]) -> str | None:
    if target.step not in bounds:
        hint = did_you_mean(target.step, list(bounds))
        return f'points to step "{target.step}", which does not exist; {hint}'
    bound = bounds[target.step]
    if bound is not None and target.output not in bound.node.inputs:
        hint = did_you_mean(target.output, list(bound.node.inputs))
        return f"points to {target}, but {bound.node.name} has no such input; {hint}"
    return None
