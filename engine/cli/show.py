"""Prints what was found: problems, plans, node types, the schema."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from engine.cli.amounts import counted, seconds_text, size_text
from engine.cli.console import Console
from engine.errors import EngineError
from engine.outlook import Outlook, plan_to_json
from engine.plan import Plan
from engine.ports import Port
from engine.problems import Problem, advice
from engine.registry import AnyNode, Registry
from engine.schema import node_schema, workflow_schema
from engine.verdict import number_text, shown

_WORTH_TELLING = 0.01  # seconds


def show_problems(console: Console, problems: Iterable[Problem]) -> None:
    """List every problem, one sentence each; errors are those that stop a run."""
    found = list(problems)
    stops = any(problem.severity == "error" for problem in found)
    if console.as_json:
        body = [problem.to_json() for problem in found]
        hidden = sum(problem.hidden for problem in found)
        console.data({"event": "check", "ok": not stops, "problems": body, "hidden": hidden})
        return
    for problem in found:
        tell = console.error if problem.severity == "error" else console.warn
        tell(problem.sentence())
    if not found:
        console.line("no problems found")
    elif not stops:
        console.line(f"no errors found, {counted(len(found), 'warning')}")


def show_warnings(console: Console, problems: Iterable[Problem]) -> None:
    """Say before a run what is doubtful in it."""
    for problem in problems:
        console.warn(problem.sentence())


def show_plan(console: Console, plan: Plan, memory: Outlook) -> None:
    """Say for each step whether it would run, and why, how long it takes and how much memory."""
    entries = plan.entries.values()
    if console.as_json:
        console.data({"event": "plan", **plan_to_json(plan, memory)})
        return
    width = max((len(f"{entry.step.id} ({entry.step.node.name})") for entry in entries), default=0)
    for entry in entries:
        name = f"{entry.step.id} ({entry.step.node.name})"
        costs = _about(entry.expected, memory.steps.get(entry.step.id))
        console.line(f"{entry.state:8} {name:{width}}  {entry.reason}{costs}")
    counts = f"{plan.count('run')} to run, {plan.count('may run')} may run"
    console.line(f"{counts}, {plan.count('cached')} cached{_about(plan.seconds)}")
    if memory.peak:
        console.line(_memory(memory))


def _about(seconds: float | None, nbytes: int | None = None) -> str:
    """Say how long something took in the past and what memory it needs, as far as is known."""
    told = [seconds_text(seconds)] if seconds and seconds >= _WORTH_TELLING else []
    told += [f"{size_text(nbytes)} of memory"] if nbytes else []
    return f"; about {', '.join(told)}" if told else ""


def _memory(memory: Outlook) -> str:
    """Say how much memory a run takes beside what there is."""
    told = f"at most about {size_text(memory.peak)} of memory at one time"
    if memory.unknown:
        told += f", without {', '.join(memory.unknown)}"
    if memory.machine is None:
        return told
    more = "more than" if memory.peak > memory.machine else "of"
    return f"{told}, {more} the {size_text(memory.machine)} of this machine"


def show_nodes(console: Console, registry: Registry, name: str) -> None:
    """List all node types by category, or show one in full.

    Raises:
        EngineError: When there is no such type.
    """
    if not name:
        _show_all(console, registry)
        return
    node = registry.get(name)
    if node is None:
        message, hint = f'there is no node type "{name}"', registry.suggestion(name)
        raise EngineError(Problem("unknown-type", message, fixes=advice(hint)).sentence())
    if console.as_json:
        console.data(node_schema(node))
    else:
        _show_node(console, node)


def show_schema(console: Console, registry: Registry) -> None:
    """Print the JSON Schema of workflow files."""
    console.data(workflow_schema(registry))


def _show_all(console: Console, registry: Registry) -> None:
    if console.as_json:
        console.data({"event": "nodes", "nodes": [node_schema(node) for node in registry]})
        return
    by_category = sorted(registry, key=lambda node: node.category)
    for category, nodes in groupby(by_category, key=lambda node: node.category):
        console.line(category)
        for node in nodes:
            console.line(f"  {node.name:24} {node.help.splitlines()[0]}")


def _show_node(console: Console, node: AnyNode) -> None:
    console.line(f"{node.name} (version {node.version}, {node.category})")
    console.line(node.help)
    if node.inputs:
        console.line("\ninputs")
    for port in node.inputs.values():
        console.line(f"  {port.name}: {_described(port)}\n      {port.help}")
    if node.outputs:
        console.line("\noutputs")
    for output in node.outputs.values():
        console.line(f"  {output.name}: {output.type_name}")


def _described(port: Port) -> str:
    kind = "any type" if port.variable else port.type_name
    words = [f"list of {kind}" if port.kind == "links" else kind]
    if port.choices is not None:
        words.append(f"one of {', '.join(str(choice) for choice in port.choices)}")
    if port.bounds.ge is not None:
        words.append(f"from {number_text(port.bounds.ge)}")
    if port.bounds.le is not None:
        words.append(f"to {number_text(port.bounds.le)}")
    if port.file:
        words.append(f"{' or '.join(port.file.suffixes)} in {port.file.root}")
    if port.lazy:
        words.append("computed only when needed")
    words.append("required" if port.required else f"default {shown(port.default)}")
    return ", ".join(words)
