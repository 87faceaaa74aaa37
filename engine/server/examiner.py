"""Check and plan for the interface: the same as `--check` and `--plan`, as documents."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from engine.check import Checked
from engine.errors import WorkflowError
from engine.outlook import outlook, plan_to_json
from engine.plan import make_plan
from engine.problems import Problem, advice
from engine.queue.rows import RunRequest
from engine.workflow import Workflow
from engine.workshop import Workshop

_MOST_TOLD = 1000
_MOST_FACTS = 2000


@dataclass(frozen=True)
class Examiner:
    """Checks and plans documents with what runs have.

    Attributes:
        workshop: Node types, files and cache.
    """

    workshop: Workshop

    def check(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """List all problems."""
        _, checked, problems = self._checked(body)
        return _told(checked, problems)

    def plan(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Tell what would run and why; no steps when there are errors."""
        workflow, checked, problems = self._checked(body)
        told = {**_told(checked, problems), "steps": [], "seconds": None, "memory": None}
        if workflow is None or checked is None or checked.graph is None or not told["ok"]:
            return told
        shop = self.workshop
        history = shop.history(workflow)
        plan = make_plan(checked.graph, shop.cache, shop.settings.numerics, history)
        memory = outlook(plan, shop.settings)
        return {**told, **plan_to_json(plan, memory), "seconds": plan.seconds}

    def _checked(
        self, body: Mapping[str, Any]
    ) -> tuple[Workflow | None, Checked | None, list[Problem]]:
        try:
            wanted = request_of(body)
            return self.workshop.checked(wanted.document, wanted.name, wanted.changes)
        except WorkflowError as error:
            help_ = advice("GET /api/v1/schema describes workflows")
            return None, None, [Problem("unreadable", str(error).rstrip("."), fixes=help_)]


def request_of(body: Mapping[str, Any], client: str = "", key: str | None = None) -> RunRequest:
    """Read what is wanted from a body; values to set become what the command line takes."""
    changes = tuple(
        f"{name}={value if isinstance(value, str) else json.dumps(value)}"
        for name, value in body.get("set", {}).items()
    )
    name, priority = body.get("name", "workflow"), body.get("priority", 0)
    return RunRequest(body["workflow"], name, changes, priority, client, key)


def _told(checked: Checked | None, problems: list[Problem]) -> dict[str, Any]:
    stops = checked is None or any(problem.severity == "error" for problem in problems)
    return {
        "ok": not stops,
        "problems": [problem.to_json() for problem in problems[:_MOST_TOLD]],
        "hidden": sum(problem.hidden for problem in problems) + len(problems[_MOST_TOLD:]),
        "facts": _facts(checked),
    }


def _facts(checked: Checked | None) -> dict[str, dict[str, Any]]:
    """Return what is known of outputs, by `step.output`."""
    known = checked.facts.items() if checked else ()
    return {str(link): dict(facts) for link, facts in islice(known, _MOST_FACTS) if facts}
