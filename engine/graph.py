"""The frozen graph a run works on: steps in topological order, links by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from engine.node import Inference
from engine.ports import FileRef
from engine.registry import AnyNode
from engine.workflow import Link

Source = Link | tuple[Link, ...]


def each_link(source: Source) -> tuple[Link, ...]:
    """Return the links of one input: one, or those of a list in order."""
    return source if isinstance(source, tuple) else (source,)


@dataclass(frozen=True)
class Step:
    """A node with its inputs: literal settings (defaults filled in) and links.

    `output_types` holds the type of each output, type variables resolved by what is linked. `known`
    is what was known of its inputs before the run, for a node that estimates what it takes.
    `last_key` belongs to `engine.keys`, which need not hash again what has not changed.
    """

    id: str
    node: AnyNode
    settings: Mapping[str, Any]
    links: Mapping[str, Source]
    output_types: Mapping[str, type]
    known: Inference | None = field(default=None, compare=False)
    last_key: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def sources(self) -> tuple[Link, ...]:
        """Every link of this step, lists flattened."""
        return flat(self.links)

    @cached_property
    def parents(self) -> tuple[str, ...]:
        """Ids of the steps it reads from, each once."""
        return tuple(dict.fromkeys(link.step for link in self.sources))


@dataclass(frozen=True)
class Graph:
    """Steps by id; the mapping is in topological order.

    `parameters` names inputs that people set; nothing is computed from the names.
    """

    steps: Mapping[str, Step]
    parameters: Mapping[str, Link] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps.values())

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        """Ids of the steps that read from each step."""
        found: dict[str, list[str]] = {step_id: [] for step_id in self.steps}
        for step in self:
            for parent in step.parents:
                found[parent].append(step.id)
        return {step_id: tuple(ids) for step_id, ids in found.items()}

    @cached_property
    def targets(self) -> tuple[str, ...]:
        """What a run is for: the steps with effects, or every leaf when there are none."""
        effects = tuple(step.id for step in self if step.node.effect)
        return effects or tuple(step.id for step in self if not self.children[step.id])

    @cached_property
    def files(self) -> Mapping[str, Path]:
        """Every file its steps name, by digest: any step may read one through a reference."""
        return {
            file.sha256: file.path
            for step in self
            for value in step.settings.values()
            if isinstance(value, FileRef)
            for file in value.all
        }

    def needed_by(self, targets: Iterable[str]) -> Graph:
        """Return the part of the graph that the targets depend on, themselves included."""
        needed: set[str] = set()
        waiting = list(targets)
        while waiting:
            step_id = waiting.pop()
            if step_id not in needed:
                needed.add(step_id)
                waiting.extend(self.steps[step_id].parents)
        return Graph({step.id: step for step in self if step.id in needed}, self.parameters)


def flat(links: Mapping[str, Source]) -> tuple[Link, ...]:
    """Return every link, lists flattened."""
    return tuple(link for source in links.values() for link in each_link(source))
