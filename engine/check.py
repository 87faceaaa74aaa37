"""Checks a workflow and freezes it into a graph: every problem at once, nothing computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Literal

from engine.bindings import Binder, Bound
from engine.constants import constants
from engine.cycles import find_cycles, order_of
from engine.examine import asked, examine
from engine.facts import Arrival, Given, asked_of, plain
from engine.files import Files
from engine.graph import Graph, Step
from engine.ledger import Found, Ledger
from engine.links import check_links, drop_unneeded
from engine.modes import in_effect
from engine.node import Inference
from engine.ports import Absent, Facts
from engine.problems import Edit, Fix, Problem, advice
from engine.registry import Registry
from engine.suggest import Suggestions
from engine.verdict import bounded_hints, did_you_mean
from engine.workflow import Link, StepSource, Workflow

_LONGEST = 50  # steps of a cycle that are named
Verdict = Literal["ok", "error", "deferred"]


@dataclass(frozen=True)
class Deferred:
    """A comparison that is left to the run, because a fact is not known before it."""

    step: str
    port: str
    fact: str


@dataclass(frozen=True)
class Checked:
    """The graph when there are no errors, else None; all problems, warnings among them.

    Attributes:
        graph: What a run works on.
        problems: What was found, in topological order; what follows from another is only counted.
        deferred: What the run has still to compare.
        facts: What is known of each output before anything runs.
    """

    graph: Graph | None
    problems: tuple[Problem, ...]
    deferred: tuple[Deferred, ...] = ()
    facts: Mapping[Link, Facts] = field(default_factory=dict)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """The problems that do not stop a run."""
        return tuple(problem for problem in self.problems if problem.severity == "warning")

    @property
    def hidden(self) -> int:
        """How many problems follow from the ones that are listed."""
        return sum(problem.hidden for problem in self.problems)

    def verdict(self, step: str, port: str) -> Verdict:
        """Say how an input of a step stands: what an editor colours its link by."""
        if any((item.step, item.port) == (step, port) and item.severity == "error"
               for item in self.problems):  # fmt: skip
            return "error"
        later = any((item.step, item.port) == (step, port) for item in self.deferred)
        return "deferred" if later else "ok"


def check(workflow: Workflow, registry: Registry, files: Files) -> Checked:
    """Find all problems of a workflow; what follows from another is counted with it."""
    with bounded_hints():
        return _checked(workflow, registry, files)


def _checked(workflow: Workflow, registry: Registry, files: Files) -> Checked:
    ledger = Ledger()
    whole = workflow
    workflow, aside = in_effect(whole, registry)
    ledger.note(Found(problem) for problem in (*workflow.problems, *aside))
    steps = _bind_all(workflow, registry, files, ledger)
    usable = {step_id: bound for step_id, bound in steps.items() if bound is not None}
    parents = {
        step_id: [parent for parent in bound.parents if parent in usable]
        for step_id, bound in usable.items()
    }
    order, stuck = order_of(parents)
    if stuck:
        ledger.note(_cycle(cycle, usable) for cycle in find_cycles(parents, stuck))
    known: dict[Link, Given | Absent] = {}
    deferred: list[Deferred] = []
    seen: dict[str, Inference] = {}
    for step_id in [*order, *stuck]:
        bound = usable[step_id]
        arrivals = check_links(bound, steps, known)
        settings = {**bound.settings, **constants(bound, arrivals)}
        deferred += _check_step(bound, settings, arrivals, known, ledger)
        if bound.node.estimate:
            seen[step_id] = asked(step_id, bound.node, settings, arrivals).seen()
    ledger.note(_parameter_problems(workflow, steps))
    if not workflow.document["nodes"]:
        ledger.note([Found(_empty(whole))])
    found = {step_id: _step(usable[step_id], seen.get(step_id)) for step_id in order}
    graph = None if ledger.stops else Graph(found, workflow.parameters)
    problems = ledger.problems(Suggestions(steps, known).mend)
    facts = {link: plain(given) for link, given in known.items() if not isinstance(given, Absent)}
    return Checked(graph, problems, tuple(deferred), facts)


def _empty(workflow: Workflow) -> Problem:
    if workflow.document["nodes"]:
        return Problem("empty", "every step is muted", fixes=advice("unmute one"))
    return Problem("empty", "the workflow has no steps", fixes=advice("add a node"))


def _bind_all(
    workflow: Workflow, registry: Registry, files: Files, ledger: Ledger
) -> dict[str, Bound | None]:
    """Bind every step to its node; None for those that have none."""
    binder = Binder(files)
    steps: dict[str, Bound | None] = dict.fromkeys(workflow.document["nodes"])
    for source in workflow.steps.values():
        bound = _bind(source, registry, binder, ledger)
        if bound is not None:
            drop_unneeded(bound)
        steps[source.id] = bound
    return steps


def _bind(source: StepSource, registry: Registry, binder: Binder, ledger: Ledger) -> Bound | None:
    node = registry.get(source.type)
    if node is None:
        message = f'there is no node type "{source.type}"'
        hint = advice(registry.suggestion(source.type))
        problem = Problem("unknown-type", message, source.id, fixes=hint, got=source.type)
    elif source.version is not None and source.version > node.version:
        message = f"made for {node.name} version {source.version}, this is version {node.version}"
        problem = Problem(
            "newer-version", message, source.id, fixes=advice("update Latentgraph"),
            got=f"version {source.version}", expected=f"version {node.version}",
        )  # fmt: skip
    else:
        return binder.bind(source, node)
    ledger.note([Found(problem)])
    return None


def _check_step(
    bound: Bound,
    settings: Mapping[str, Any],
    arrivals: Sequence[Arrival],
    known: dict[Link, Given | Absent],
    ledger: Ledger,
) -> list[Deferred]:
    """Check one step with what its links bring and add the facts of its outputs to `known`."""
    step_id = bound.source.id
    examined = examine(step_id, bound.node, settings, arrivals, whole=bound.whole)
    for found in bound.found:
        if found.wanted is not None:  # what is linked already tells which output would fit
            facts = asked_of(found.wanted.port, examined.letters)
            found.wanted = replace(found.wanted, facts=facts)
    ledger.note([*bound.found, *examined.found])
    for name, given in examined.outputs.items():
        if given:
            known[Link(step_id, name)] = given
    return [Deferred(step_id, port, fact) for port, fact in examined.unknown]


def _step(bound: Bound, seen: Inference | None) -> Step:
    types = {name: kind for name, kind in bound.output_types.items() if kind is not None}
    return Step(bound.source.id, bound.node, bound.settings, bound.links, types, seen)


def _cycle(cycle: list[str], steps: Mapping[str, Bound]) -> Found:
    named = cycle if len(cycle) <= _LONGEST else [*cycle[: _LONGEST - 2], "...", cycle[-1]]
    message = f"these steps wait for each other: {' -> '.join(named)}"
    loose = (_unlink(parent, child, steps) for parent, child in pairwise(cycle))
    edits = tuple(edit for edit in loose if edit)[:1]
    fix = Fix("remove one of these links", edits)
    return Found(Problem("cycle", message, cycle[0], fixes=(fix,)))


def _unlink(parent: str, child: str, steps: Mapping[str, Bound]) -> Edit | None:
    """Take out the only link between two steps, where the input can do without."""
    bound = steps[child]
    between = [
        name for name, source in bound.links.items()
        if isinstance(source, Link) and source.step == parent
    ]  # fmt: skip
    if len(between) == 1 and not bound.node.inputs[between[0]].required:
        return Edit(child, between[0], None)
    return None


def _parameter_problems(workflow: Workflow, steps: Mapping[str, Bound | None]) -> list[Found]:
    found = []
    for name, target in workflow.parameters.items():
        if message := _pointless(target, steps):
            found.append(Found(Problem("lost-parameter", f'parameter "{name}" {message}')))
    return found


def _pointless(target: Link, steps: Mapping[str, Bound | None]) -> str | None:
    if target.step not in steps:
        hint = did_you_mean(target.step, steps)
        return f'points to step "{target.step}", which does not exist; {hint}'
    bound = steps[target.step]
    if bound is not None and target.output not in bound.node.inputs:
        hint = did_you_mean(target.output, list(bound.node.inputs))
        return f"points to {target}, but {bound.node.name} has no such input; {hint}"
    return None
