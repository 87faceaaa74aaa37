"""Holds a receipt against what there is now: the first step that differs, and why.

First on paper: with the digests the receipt tells, each step's key can be computed without
running anything, and must be the one it tells. Then against a new run, output by output.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from engine.canon import digest
from engine.cycles import order_of
from engine.graph import Graph, Step
from engine.keys import Values, described_inputs
from engine.ports import FileRef
from engine.problems import Problem
from engine.received import Received
from engine.records import Record, Value
from engine.registry import Registry
from engine.workflow import StepSource, Workflow, as_link

_CAUSES = {
    "newer-version": "node version",
    "unknown-type": "node missing",
    "file-changed": "file",
    "file-missing": "file missing",
}


@dataclass(frozen=True)
class Difference:
    """The first step that is not as a receipt tells.

    Attributes:
        step: Its id.
        cause: `seed`, `file`, `file missing`, `node version`, `node missing`, `numerics`,
            `settings`, `device`, `software`, `threads`, `machine`, `volatile`, `numbers`,
            `failed`, `pixels`, `receipt`.
        message: What differs, with both sides.
    """

    step: str
    cause: str
    message: str

    def to_json(self) -> dict[str, Any]:
        """Encode for `--json`."""
        return asdict(self)


def order(workflow: Workflow) -> list[str]:
    """Return the ids of all steps, each after those it reads from."""
    parents = {
        source.id: [parent for parent in _parents(source) if parent in workflow.steps]
        for source in workflow.steps.values()
    }
    done, stuck = order_of(parents)
    return [*done, *stuck]


def outdated(received: Received, registry: Registry) -> Iterator[Difference]:
    """Yield the steps that a node of another version would compute now."""
    for source in received.workflow.steps.values():
        node = registry.get(source.type)
        if node is not None and source.version is not None and source.version < node.version:
            yield Difference(
                source.id,
                "node version",
                f"{node.name} version {source.version} made it, here it is version {node.version}",
            )


def refused(problems: Iterable[Problem], received: Received) -> Iterator[Difference]:
    """Yield what the check says of the steps as the receipt tells them."""
    for problem in problems:
        if problem.severity == "error":
            place = problem.step or received.saved[0]
            cause = _CAUSES.get(problem.code, "receipt")
            port = f"{problem.port}: " if problem.port else ""
            yield Difference(place, cause, f"{port}{problem.message}")


def on_paper(graph: Graph, received: Received, numerics: Iterable[str]) -> Iterator[Difference]:
    """Yield the steps whose key, computed from what the receipt tells, is not the one it tells.

    Args:
        graph: The workflow of the receipt, checked.
        received: The receipt.
        numerics: All compute types there are.
    """
    values = {link: Value(kind, found, 0) for link, (kind, found) in received.digests.items()}
    for step in graph:
        told = received.steps.get(step.id)
        if told is None:
            yield Difference(step.id, "receipt", "the run in the receipt does not tell of it")
        elif any(link not in values for link in step.sources):
            yield Difference(step.id, "receipt", "the receipt does not tell what it read")
        elif digest(described_inputs(step, values, received.numerics)) != told.key:
            yield _unlike(step, values, received, numerics)


def between_runs(
    steps: Iterable[str], received: Received, records: Mapping[str, Record], volatile: set[str]
) -> Iterator[Difference]:
    """Yield the steps whose outputs are not those the receipt tells.

    Args:
        steps: Ids in the order they depend on one another.
        received: The receipt.
        records: What a new run found.
        volatile: Ids of steps that may give something else each time.
    """
    for step in steps:
        told, record = received.steps.get(step), records.get(step)
        if told is None or record is None:
            yield Difference(step, "failed", "it gave no result in a new run")
            continue
        found = {name: (value.type, value.digest) for name, value in record.outputs.items()}
        if found != told.outputs and step in volatile:
            yield Difference(step, "volatile", "it may give another result every time it runs")
        elif found != told.outputs:
            cause, words = _other_maker(told.maker, record.by)
            yield Difference(step, cause, f"gives other numbers: {words}")


def first(differences: Iterable[Difference], steps: list[str]) -> Difference | None:
    """Return the difference of the earliest step; of one step the first that was found."""
    place = {step: number for number, step in enumerate(steps)}
    return min(differences, key=lambda found: place.get(found.step, -1), default=None)


def _parents(source: StepSource) -> Iterator[str]:
    for written in source.inputs.values():
        for item in written if isinstance(written, list) else [written]:
            if link := as_link(item):
                yield link.step


def _unlike(step: Step, values: Values, received: Received, numerics: Iterable[str]) -> Difference:
    """Say why a step is not the one that the receipt's run tells of."""
    for name, value in step.settings.items():
        place = f"{step.id}.{name}"
        if step.node.inputs[name].seed and received.seeds.get(place, value) != value:
            return Difference(
                step.id, "seed", f"{name} is {value} in the workflow, {received.seeds[place]} in"
                " the run that made the picture",
            )  # fmt: skip
        if isinstance(value, FileRef) and received.files.get(place, value.sha256) != value.sha256:
            return Difference(
                step.id, "file", f"{name}: the workflow names sha256 {value.sha256[:12]}..., the"
                f" run read {received.files[place][:12]}...",
            )  # fmt: skip
    key = received.steps[step.id].key
    for other in numerics:
        if digest(described_inputs(step, values, other)) == key:
            message = f"the receipt says {received.numerics}, but {other} made it"
            return Difference(step.id, "numerics", message)
    for version in range(1, step.node.version):
        older = replace(step, node=replace(step.node, version=version))
        if digest(described_inputs(older, values, received.numerics)) == key:
            message = f"{step.node.name} version {version} made it, not {step.node.version}"
            return Difference(step.id, "node version", message)
    message = "its settings, or what it reads, are not those of the run that made the picture"
    return Difference(step.id, "settings", message)


def _other_maker(told: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, str]:
    """Name what differs between the two who computed: the likeliest cause, and all in words."""
    then_has, now_has = told.get("software", {}), now.get("software", {})
    found = {
        cause: f"{cause} {told.get(cause, 'unknown')} then, {now.get(cause, 'unknown')} now"
        for cause in ("device", "machine", "threads")
        if told.get(cause) != now.get(cause)
    }
    versions = [
        f"{name} {then_has.get(name, 'unknown')} then, {now_has.get(name, 'unknown')} now"
        for name in sorted({*then_has, *now_has})
        if then_has.get(name) != now_has.get(name)
    ]
    if told.get("latentgraph") != now.get("latentgraph"):
        versions.append(f"Latentgraph {told.get('latentgraph')} then, {now.get('latentgraph')} now")
    if versions:
        found["software"] = ", ".join(versions)
    if not found:
        return "numbers", "the same recipe and software, so the processor or the receipt is another"
    cause = next(name for name in ("device", "software", "threads", "machine") if name in found)
    return cause, "; ".join(found.values())
