from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.migrate import up_to_date
from engine.node import node
from engine.registry import Registry
from engine.workflow import Workflow, from_document
from tests.engine.workbench import document


def _from_1(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Version 2 renamed `percent` to `share`, and counts from 0 to 1."""
    rest = {name: value for name, value in inputs.items() if name != "percent"}
    percent = inputs.get("percent", 100)
    if not isinstance(percent, int):
        raise ValueError(f"`percent` is {percent!r}, expected a whole number")
    return {**rest, "share": percent / 100}


def _from_3(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Version 4 asks for the colour."""
    return {"colour": "red", **inputs}


@node("Paint", version=4, category="toys", migrations={1: _from_1, 3: _from_3})
def paint(share: float, colour: str) -> float:
    """Paint a share.

    Args:
        share: How much.
        colour: In what.
    """
    return share * len(colour)


REGISTRY = Registry([paint])


def written(version: int | None, **inputs: Any) -> Workflow:
    step = {"type": "Paint", "inputs": inputs, "note": "kept"}
    return from_document(document(a=step if version is None else {**step, "version": version}))


@given(st.integers(0, 100))
def test_a_chain_of_migrations_ends_where_each_of_its_versions_ends(percent: int) -> None:
    today = {"colour": "red", "share": percent / 100}
    steps = [
        written(1, percent=percent),
        written(2, share=percent / 100),
        written(3, share=percent / 100),
        written(4, **today),
    ]
    found = [up_to_date(workflow, REGISTRY) for workflow in steps]

    assert all(workflow.steps["a"].inputs == today for workflow, _ in found)
    assert all(workflow.document["nodes"]["a"]["version"] == 4 for workflow, _ in found)
    assert all(not problems for _, problems in found)


def test_everything_else_in_the_file_stays_as_it_was() -> None:
    before = written(1, percent=50)
    after, _ = up_to_date(before, REGISTRY)

    assert after.document["nodes"]["a"]["note"] == "kept"
    assert before.document["nodes"]["a"]["inputs"] == {"percent": 50}
    assert up_to_date(after, REGISTRY)[0] is after


@pytest.mark.parametrize("version", [None, 4, 9])
def test_a_step_of_today_of_tomorrow_or_without_a_version_is_left_alone(
    version: int | None,
) -> None:
    workflow = written(version, percent=50)

    assert up_to_date(workflow, REGISTRY) == (workflow, [])


def test_inputs_that_a_migration_refuses_are_a_problem() -> None:
    workflow, (problem,) = up_to_date(written(1, percent="much"), REGISTRY)

    assert workflow.document["nodes"]["a"]["version"] == 1
    assert problem.code == "migration-failed"
    assert "from version 1 to 4 (`percent` is 'much', expected a whole number)" in problem.message


def test_a_node_nobody_knows_survives() -> None:
    workflow = from_document(document(a={"type": "Unheard", "version": 1, "inputs": {"x": [1]}}))

    assert up_to_date(workflow, REGISTRY) == (workflow, [])
