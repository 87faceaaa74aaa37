"""The check once more, just before and after a step computes, when everything is known.

What the check had to leave open (a linked size, a fact that only the value itself knows) is held to
the same rules by the same code, and refused in the same words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from engine.errors import StepError
from engine.examine import Examined, examine
from engine.facts import Arrival, given, plain
from engine.graph import Step, each_link
from engine.ports import NO_FACTS, SCALARS, Absent, Facts, OutputPort
from engine.workflow import Link


def verify(step: Step, settings: Mapping[str, Any], facts: Mapping[Link, Facts]) -> None:
    """Refuse inputs that the check would have refused, had it known them.

    Args:
        step: The step that is about to compute.
        settings: Its settings and files as the function will get them, linked ones included.
        facts: Facts of the values its links bring; a lazy link that is not in it was not asked for.

    Raises:
        StepError: With the sentences of the check, without the step's id.
    """
    node = step.node
    if not (node.declaration.constrained or node.infer or node.review):
        return
    found = _examined(step, settings, facts).found
    wrong = [item.problem for item in found if item.stops]
    if wrong:
        raise StepError(" ".join(replace(problem, step="").sentence() for problem in wrong))


def output_facts(
    step: Step,
    settings: Mapping[str, Any],
    facts: Mapping[Link, Facts],
    results: Mapping[str, Any],
) -> Mapping[str, Facts]:
    """Return the facts of the values a step made: what was promised, and what they say themselves.

    Args:
        step: The step that has computed.
        settings: As for `verify`.
        facts: As for `verify`.
        results: Its outputs by name.

    Raises:
        StepError: When a value contradicts what its node promised of it.
    """
    own = {name: _own_facts(step.node.outputs[name], value) for name, value in results.items()}
    if not (step.node.declaration.promises or step.node.infer):
        return own
    promised = _examined(step, settings, facts).outputs
    return {name: _kept(step, name, promised[name], found) for name, found in own.items()}


def _examined(step: Step, settings: Mapping[str, Any], facts: Mapping[Link, Facts]) -> Examined:
    return examine(step.id, step.node, settings, tuple(_arrivals(step, facts)))


def _arrivals(step: Step, facts: Mapping[Link, Facts]) -> Iterator[Arrival]:
    for name, source in step.links.items():
        port = step.node.inputs[name]
        for link in each_link(source):
            if link in facts or not port.lazy:
                yield Arrival(port, link, given(facts.get(link, NO_FACTS), str(link)))


def _own_facts(output: OutputPort, value: Any) -> Facts:
    """Return what a value says of itself, when its class is `Described`."""
    return NO_FACTS if output.type in SCALARS else getattr(value, "facts", NO_FACTS)


def _kept(step: Step, name: str, promised: Any, found: Facts) -> Facts:
    if isinstance(promised, Absent):
        return found
    expected = plain(promised)
    if not step.node.outputs[name].variable:  # of any type, so the value alone counts
        for fact in expected.keys() & found.keys():
            if expected[fact] != found[fact]:
                raise StepError(
                    f"{step.node.name} promised {name} with {fact} {expected[fact]} and made"
                    f" {fact} {found[fact]}; this is a fault of the node"
                )
    return {**expected, **found}
