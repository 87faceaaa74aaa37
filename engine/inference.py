"""Asks a node what follows from its inputs, and remembers which of them it looked at."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from engine.errors import EngineError
from engine.facts import Arrival, Given, Known, common, plain
from engine.ledger import Found
from engine.node import Inference
from engine.ports import NO_FACTS, Absent, Facts, FileRef
from engine.problems import Finding, Problem, problem_of
from engine.registry import AnyNode
from engine.verdict import shown
from engine.watched import Watched

_MOST_REASONS = 4


@dataclass
class Reading:
    """What a node looked at while it was asked."""

    settings: dict[str, Any] = field(default_factory=dict)
    facts: dict[tuple[str, str], Known] = field(default_factory=dict)

    def reasons(self, said: str) -> tuple[str, ...]:
        """Tell the facts that were read and that a sentence mentions by their value."""
        words = set(re.findall(r"[\w.]*\w", said))
        mentioned = [
            known for known in self.facts.values()
            if str(known.value) in words or (" " in str(known.value) and str(known.value) in said)
        ]  # fmt: skip
        return tuple(dict.fromkeys(known.told() for known in mentioned))[:_MOST_REASONS]

    def doubt(self) -> Found | None:
        """Return the problem that a doubtful fact among them is due to."""
        return next((known.doubt for known in self.facts.values() if known.doubt), None)


@dataclass(frozen=True)
class Question:
    """One step as its node is asked about it.

    Attributes:
        step: Id of the step.
        node: Its node.
        settings: Values of its settings and files; a linked one is missing before the run.
        linked: What is known of each linked input.
        items: What is known of each item of linked lists.
    """

    step: str
    node: AnyNode
    settings: Mapping[str, Any]
    linked: Mapping[str, Given]
    items: Mapping[str, Sequence[Given]] = field(default_factory=dict)

    def review(self) -> list[Found]:
        """Ask the node what is wrong or doubtful about its inputs."""
        if self.node.review is None:
            return []
        reading = Reading()
        found: list[Found] = []
        try:
            for finding in self.node.review(self._watched(reading)):
                found.append(self._reviewed(finding, reading))
                reading.settings.clear()
                reading.facts.clear()
        except Exception as error:  # noqa: BLE001 - a node's own fault must not end the check
            found.append(self._failed(error, reading))
        return found

    def infer(self) -> tuple[Mapping[str, Given | Absent], list[Found]]:
        """Ask the node for the facts of its outputs; what it refuses is a problem."""
        if self.node.infer is None:
            return {}, []
        reading = Reading()
        try:
            inferred = self.node.infer(self._watched(reading)) or {}
            return {name: self._known(name, said, reading) for name, said in inferred.items()}, []
        except Exception as error:  # noqa: BLE001 - as above
            return {}, [self._failed(error, reading)]

    def seen(self) -> Inference:
        """Return what the node sees, of which nothing is noted."""
        return self._watched(Reading())

    def _watched(self, reading: Reading) -> Inference:
        """Build what the node sees; what it reads of that is noted."""
        settings = {
            name: self.settings.get(name)
            for name, port in self.node.inputs.items()
            if port.kind in ("setting", "file")
        }
        facts: dict[str, Facts] = {
            port: self._watched_facts(port, known, reading) for port, known in self.linked.items()
        }
        items = {
            port: tuple(
                self._watched_facts(f"{port}.{at}", known, reading) for at, known in enumerate(each)
            )
            for port, each in self.items.items()
        }
        return Inference(Watched(settings, reading.settings.__setitem__), facts, items)

    def _watched_facts(self, port: str, known: Given, reading: Reading) -> Facts:
        def note(name: str, _: Any) -> None:
            reading.facts[port, name] = known[name]

        return Watched(plain(known), note) if known else NO_FACTS

    def _reviewed(self, finding: Finding, reading: Reading) -> Found:
        said = f"{finding.message} {finding.got} {finding.expected}"
        because = finding.because or reading.reasons(said)
        problem = problem_of(replace(finding, because=because), self.step)
        return Found(problem, follows=reading.doubt())

    def _failed(self, error: Exception, reading: Reading) -> Found:
        if isinstance(error, ValueError | OSError | EngineError):
            message, code = str(error).rstrip("."), "refused"
        else:
            message = f"{self.node.name} could not be checked ({type(error).__name__}: {error})"
            code = "infer-failed"
        problem = Problem(code, message, self.step, because=reading.reasons(message))
        return Found(problem, follows=reading.doubt())

    def _known(self, output: str, said: Facts | Absent, reading: Reading) -> Given | Absent:
        if isinstance(said, Absent):
            return said
        for name, value in said.items():
            if not isinstance(value, int | str):
                raise TypeError(f"{name} of {output} is {value!r}, no whole number and no text")
        place, doubt = f"{self.step}.{output}", reading.doubt()
        kind = self.node.outputs[output].type_name if output in self.node.outputs else ""
        return {
            name: Known(value, f"{place}{self._source(name, value, kind, reading)}", name, doubt)
            for name, value in said.items()
        }

    def _source(self, name: str, value: Any, kind: str, reading: Reading) -> str:
        """Say which file, setting or input of the step a fact was inferred from."""
        files = [read.name for read in reading.settings.values() if isinstance(read, FileRef)]
        if files:
            return f" ({kind} of {', '.join(files)})"
        plainly = {key: read for key, read in reading.settings.items() if read is not None}
        same = {key: read for key, read in plainly.items() if key == name or read == value}
        above = [known for (_, fact), known in reading.facts.items() if fact == name]
        if above and not same:
            return f", where {above[0].told()}"
        told = [f"{self.step}.{key} = {shown(read)}" for key, read in (same or plainly).items()]
        return f" ({', '.join(told[:_MOST_REASONS])})" if told else ""


def list_facts(arrivals: Sequence[Arrival]) -> dict[str, list[Given]]:
    """Bring together what is known of each item of linked lists."""
    found: dict[str, list[Given]] = {}
    for arrival in arrivals:
        if arrival.port.kind == "links":
            found.setdefault(arrival.port.name, []).append(arrival.given)
    return found


def linked_facts(arrivals: Sequence[Arrival]) -> dict[str, Given]:
    """Bring together what is known of each linked input; of a list, what all items share."""
    several: dict[str, list[Given]] = {}
    for arrival in arrivals:
        several.setdefault(arrival.port.name, []).append(arrival.given)
    return {port: common(found) for port, found in several.items()}
