"""Steps that are muted or bypassed: what a workflow is without them.

A muted step does not run, nor does what cannot do without it. A bypassed step does not run either,
but hands on what it reads: each of its outputs is replaced by its first link of the same type.
The file keeps both, so that they can be taken back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.links import fits
from engine.ports import Port
from engine.problems import Problem, advice
from engine.registry import AnyNode, Registry
from engine.workflow import Link, StepSource, Workflow, as_link


def in_effect(workflow: Workflow, registry: Registry) -> tuple[Workflow, list[Problem]]:
    """Return the part of a workflow that counts.

    Returns:
        The workflow without muted and bypassed steps, and a problem for each step that cannot be
        bypassed (an error) or is left out with a muted one (a warning).
    """
    if not any(source.mode for source in workflow.steps.values()):
        return workflow, []
    steps, refused = _without_bypassed(workflow.steps, registry)
    steps, left_out = _without_muted(steps, registry)
    told = [_left_out(step, muted) for step, muted in left_out.items() if step != muted]
    nodes = workflow.document["nodes"]
    gone = workflow.steps.keys() - steps.keys()
    kept = {step: raw for step, raw in nodes.items() if step not in gone}
    reduced = replace(
        workflow,
        document={**workflow.document, "nodes": kept},
        steps=steps,
        parameters={n: at for n, at in workflow.parameters.items() if at.step not in gone},
        problems=tuple(found for found in workflow.problems if found.step not in gone),
    )
    return reduced, [*refused, *told]


def _without_bypassed(
    steps: Mapping[str, StepSource], registry: Registry
) -> tuple[dict[str, StepSource], list[Problem]]:
    passing = _Passing(steps, registry)
    kept: dict[str, StepSource] = {}
    problems: dict[str, Problem] = {}
    for source in steps.values():
        if source.mode == "bypass":
            continue
        inputs = dict(source.inputs)
        for name, place, link in _links(source.inputs):
            if link.step not in steps or steps[link.step].mode != "bypass":
                continue
            found = passing.instead_of(link)
            if found is None:
                problems[link.step] = _cannot_pass(steps[link.step], link)
            inputs[name] = _placed(inputs[name], place, found or link)
        kept[source.id] = replace(source, inputs=inputs)
    return kept, list(problems.values())


@dataclass(frozen=True)
class _Passing:
    """What comes out of bypassed steps."""

    steps: Mapping[str, StepSource]
    registry: Registry

    def instead_of(self, link: Link) -> Link | None:
        """Follow a link through bypassed steps to one that runs; None when a step has no such."""
        seen: set[Link] = set()
        found: Link | None = link
        while found is not None and found not in seen:
            source = self.steps.get(found.step)
            if source is None or source.mode != "bypass":
                return found
            seen.add(found)
            found = self._first(source, found.output)
        return None

    def _first(self, source: StepSource, output: str) -> Link | None:
        """The first link of a step, in the order of its ports, that may stand for an output."""
        node = self.registry.get(source.type)
        if node is None or output not in node.outputs:
            return None
        wanted = node.outputs[output]
        links = {name: link for name, _, link in reversed([*_links(source.inputs)])}
        for name, port in node.inputs.items():
            same = port.variable == wanted.variable if wanted.variable else not port.variable
            if name in links and same and fits(port.type, wanted.type):
                return links[name]
        return None


def _without_muted(
    steps: Mapping[str, StepSource], registry: Registry
) -> tuple[dict[str, StepSource], dict[str, str]]:
    """Leave out muted steps and what cannot do without them.

    Returns:
        The steps that stay, and for each that is left out the muted one that is to blame.
    """
    readers: dict[str, list[str]] = {}
    for source in steps.values():
        for _, _, link in _links(source.inputs):
            readers.setdefault(link.step, []).append(source.id)
    kept = dict(steps)
    blamed = {source.id: source.id for source in steps.values() if source.mode == "mute"}
    waiting = list(blamed)
    while waiting:
        gone = waiting.pop()
        kept.pop(gone, None)
        for reader in readers.get(gone, ()):
            if reader in blamed:
                continue
            reduced = _without(kept[reader], gone, registry.get(kept[reader].type))
            if reduced is None:
                blamed[reader] = blamed[gone]
                waiting.append(reader)
            else:
                kept[reader] = reduced
    return kept, blamed


def _without(source: StepSource, gone: str, node: AnyNode | None) -> StepSource | None:
    """Return a step that does not read from another; None when it cannot do without."""
    inputs = dict(source.inputs)
    for name, value in source.inputs.items():
        if isinstance(value, list):
            left = [item for item in value if (link := as_link(item)) is None or link.step != gone]
            if len(left) == len(value):
                continue
            inputs[name] = left
            if left:
                continue
        elif (link := as_link(value)) is None or link.step != gone:
            continue
        if node is None or _is_required(node.inputs.get(name)):
            return None
        del inputs[name]
    return replace(source, inputs=inputs)


def _is_required(port: Port | None) -> bool:
    return port is None or port.required


def _links(inputs: Mapping[str, Any]) -> Iterator[tuple[str, int | None, Link]]:
    """Yield every link: its input, its place in a list or None, and where it leads."""
    for name, value in inputs.items():
        if isinstance(value, list):
            for place, item in enumerate(value):
                if link := as_link(item):
                    yield name, place, link
        elif link := as_link(value):
            yield name, None, link


def _placed(value: Any, place: int | None, link: Link) -> Any:
    written = {"link": str(link)}
    return written if place is None else [*value[:place], written, *value[place + 1 :]]


def _left_out(step: str, muted: str) -> Problem:
    message = f'it is left out, because it needs "{muted}", which is muted'
    fixes = advice(f'unmute "{muted}", or link something else')
    return Problem("left-out", message, step, severity="warning", fixes=fixes)


def _cannot_pass(source: StepSource, link: Link) -> Problem:
    message = (
        f'it is bypassed, but has no link of the type of its output "{link.output}" to pass on'
    )
    return Problem("cannot-bypass", message, source.id, fixes=advice("mute it, or let it run"))
