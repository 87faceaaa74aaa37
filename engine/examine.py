"""What is right and wrong with one step: the same question before a run and at the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.facts import Arrival, Given, Known, agree, common, declared
from engine.inference import Question, linked_facts, list_facts
from engine.ledger import Found
from engine.ports import Absent, OutputPort
from engine.registry import AnyNode


@dataclass(frozen=True)
class Examined:
    """What was found out about a step.

    Attributes:
        found: Its problems.
        outputs: Facts of each output, or why there will be none.
        unknown: `(port, fact)` of the comparisons that are left to the run.
        letters: The facts that the letters of its declaration stand for.
    """

    found: Sequence[Found]
    outputs: Mapping[str, Given | Absent]
    unknown: Sequence[tuple[str, str]]
    letters: Mapping[str, Known]


def examine(
    step: str,
    node: AnyNode,
    settings: Mapping[str, Any],
    arrivals: Sequence[Arrival],
    *,
    whole: bool = True,
) -> Examined:
    """Unify facts, then ask the node itself.

    Args:
        step: Id of the step.
        node: Its node.
        settings: Values of its settings and files, as far as they are known.
        arrivals: What its links bring, in the order of its ports.
        whole: Whether all inputs are usable; else the node is not asked.
    """
    agreement = agree(step, arrivals)
    found = agreement.clashes
    inferred: Mapping[str, Given | Absent] = {}
    if whole and (node.infer or node.review):
        question = asked(step, node, settings, arrivals)
        reviewed = question.review()
        inferred, refused = question.infer()
        found = [*found, *reviewed, *refused]
    culprit = next((item for item in found if item.stops), None)
    outputs: dict[str, Given | Absent] = {}
    for name, output in node.outputs.items():
        said = inferred.get(name, {})
        if isinstance(said, Absent):
            outputs[name] = said
            continue
        by_type = _passed_on(output, arrivals)
        by_letters = declared(output, agreement.letters, f"{step}.{name}")
        outputs[name] = {**by_type, **by_letters, **_doubted(said, culprit)}
    return Examined(found, outputs, agreement.unknown, agreement.letters)


def asked(
    step: str, node: AnyNode, settings: Mapping[str, Any], arrivals: Sequence[Arrival]
) -> Question:
    """Put together what a node is asked about one of its steps."""
    return Question(step, node, settings, linked_facts(arrivals), list_facts(arrivals))


def _passed_on(output: OutputPort, arrivals: Sequence[Arrival]) -> Given:
    """What is known of an output of variable type: it is one of the inputs of that type."""
    if not output.variable:
        return {}
    return common([item.given for item in arrivals if item.port.variable == output.variable])


def _doubted(said: Given, culprit: Found | None) -> Given:
    """Mark what a node concluded from inputs that are wrong."""
    if culprit is None:
        return said
    return {name: known._replace(doubt=known.doubt or culprit) for name, known in said.items()}
