"""Check and plan for the interface: the same as `--check` and `--plan`, as documents."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.cache import Cache
from engine.check import Checked, check
from engine.cli.changes import apply_changes
from engine.errors import WorkflowError
from engine.files import Files
from engine.migrate import up_to_date
from engine.plan import make_plan
from engine.problems import Problem, advice
from engine.registry import Registry
from engine.workflow import from_document


@dataclass(frozen=True)
class Examiner:
    """Checks and plans documents.

    Attributes:
        registry: Node types.
        files: Where files may come from.
        cache: Where results are looked up.
        numerics: The compute type of runs.
    """

    registry: Registry
    files: Files
    cache: Callable[[], Cache]
    numerics: str

    def check(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """List all problems."""
        checked, problems = self._checked(body)
        return _told(checked, problems)

    def plan(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Tell what would run and why; no steps when there are errors."""
        checked, problems = self._checked(body)
        told = {**_told(checked, problems), "steps": [], "seconds": None}
        if checked is None or checked.graph is None or not told["ok"]:
            return told
        plan = make_plan(checked.graph, self.cache(), self.numerics)
        steps = [entry.to_json() for entry in plan.entries.values()]
        return {**told, "steps": steps, "seconds": plan.seconds}

    def _checked(self, body: Mapping[str, Any]) -> tuple[Checked | None, list[Problem]]:
        try:
            workflow = from_document(body["workflow"], name=body.get("name", "workflow"))
        except WorkflowError as error:
            help_ = advice("GET /api/v1/schema describes workflows")
            return None, [Problem("unreadable", str(error).rstrip("."), fixes=help_)]
        workflow, outdated = up_to_date(workflow, self.registry)
        workflow, problems = apply_changes(workflow, changes_of(body), self.registry)
        checked = check(workflow, self.registry, self.files)
        return checked, [*outdated, *problems, *checked.problems]


def changes_of(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Write the values to set as the command line takes them."""
    return tuple(
        f"{name}={value if isinstance(value, str) else json.dumps(value)}"
        for name, value in body.get("set", {}).items()
    )


def _told(checked: Checked | None, problems: list[Problem]) -> dict[str, Any]:
    stops = checked is None or any(problem.severity == "error" for problem in problems)
    return {
        "ok": not stops,
        "problems": [problem.to_json() for problem in problems],
        "hidden": sum(problem.hidden for problem in problems),
    }
