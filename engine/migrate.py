"""Documents written for older versions of their nodes, brought up to date one version at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.problems import Problem
from engine.registry import AnyNode, Registry
from engine.workflow import StepSource, Workflow, from_document


def up_to_date(workflow: Workflow, registry: Registry) -> tuple[Workflow, list[Problem]]:
    """Return a workflow as the nodes of today write it; unknown and newer steps stay as they are.

    A version without a migration has the inputs of the one before. A step without a version is
    taken to be of today.

    Returns:
        The workflow, and a problem for each step that cannot be migrated and stays as it is.
    """
    nodes: dict[str, Any] = dict(workflow.document["nodes"])
    problems: list[Problem] = []
    for source in workflow.steps.values():
        node = registry.get(source.type)
        if node is None or source.version is None or source.version >= node.version:
            continue
        try:
            inputs = migrated(source, node)
        except Exception as error:  # noqa: BLE001 - a migration is foreign code
            problems.append(_unmigrated(source, node, error))
        else:
            body = {**nodes[source.id], "version": node.version}
            nodes[source.id] = {**body, "inputs": inputs} if inputs else body
    if nodes == workflow.document["nodes"]:
        return workflow, problems
    document = {**workflow.document, "nodes": nodes}
    return from_document(document, workflow.folder, workflow.name), problems


def migrated(source: StepSource, node: AnyNode) -> dict[str, Any]:
    """Return the inputs of a step in the version its node has now."""
    inputs: Mapping[str, Any] = source.inputs
    for version in range(source.version or node.version, node.version):
        if migrate := node.migrations.get(version):
            inputs = migrate(inputs)
    return dict(inputs)


def _unmigrated(source: StepSource, node: AnyNode, error: Exception) -> Problem:
    return Problem(
        "migration-failed",
        f"its inputs cannot be brought from version {source.version} to {node.version} ({error})",
        source.id,
        got=f"version {source.version}",
        expected=f"version {node.version}",
    )
