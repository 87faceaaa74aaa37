"""Facts of values: which are known, who said so, and whether those of one step agree.

A fact is known (`c` is 4) or unknown. Only a provable clash is a problem; what is unknown is
deferred to the run, where `engine.guard` asks the same question with everything known. Letters in
a node's declaration unify across its ports and carry facts, with their origin, to its outputs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from engine.ledger import Found, Wanted
from engine.ports import Fact, Facts, OutputPort, Port, is_variable
from engine.problems import Problem, advice
from engine.workflow import Link


class Known(NamedTuple):
    """One known fact of a value.

    Attributes:
        value: The fact.
        origin: Where it was established, in words: `load.unet (UNet of base.safetensors)`.
        name: What it is called there.
        doubt: The problem that makes it doubtful; what follows from it is not worth listing.
    """

    value: Fact
    origin: str
    name: str
    doubt: Found | None = None

    def told(self) -> str:
        """Tell the fact with its origin."""
        return f"{self.name} is {self.value} from {self.origin}"


Given = Mapping[str, Known]
NOTHING: Given = {}


class Arrival(NamedTuple):
    """What one link brings to a port."""

    port: Port
    link: Link
    given: Given


@dataclass
class Agreement:
    """What unifying the facts of one step gave.

    Attributes:
        letters: The value of each letter; the first one in the order of the ports counts.
        clashes: Facts that contradict each other.
        unknown: `(port, fact)` of the comparisons that are left to the run.
        doubted: For each letter that clashed, the first clash.
    """

    letters: dict[str, Known] = field(default_factory=dict)
    clashes: list[Found] = field(default_factory=list)
    unknown: list[tuple[str, str]] = field(default_factory=list)
    doubted: dict[str, Found] = field(default_factory=dict)


def given(facts: Facts, origin: str, doubt: Found | None = None) -> Given:
    """Attach one origin to all facts of a value."""
    if not facts:
        return NOTHING
    return {name: Known(value, origin, name, doubt) for name, value in facts.items()}


def plain(known: Given) -> Facts:
    """Return facts without their origins, as nodes see them."""
    return {name: fact.value for name, fact in known.items()}


def common(several: Sequence[Given]) -> Given:
    """Return the facts that all values share, each with its first origin."""
    if len(several) == 1:
        return several[0]
    first, *others = several or [NOTHING]
    return {
        name: fact
        for name, fact in first.items()
        if all(name in other and other[name].value == fact.value for other in others)
    }


def agree(step: str, arrivals: Iterable[Arrival]) -> Agreement:
    """Unify the facts that arrive at a step with what its ports ask for.

    Args:
        step: Id of the step.
        arrivals: What each link brings, in the order of the ports.
    """
    agreement = Agreement()
    asking = [arrival for arrival in arrivals if arrival.port.facts]
    if not asking:
        return agreement
    asked = Counter(pattern for arrival in asking for pattern in arrival.port.facts.values())
    for arrival in asking:
        for name, pattern in arrival.port.facts.items():
            if name in arrival.given:
                _compare(step, arrival, name, agreement)
            elif not is_variable(pattern) or asked[pattern] > 1:
                agreement.unknown.append((arrival.port.name, name))
    for letter, clash in agreement.doubted.items():
        known = agreement.letters[letter]
        agreement.letters[letter] = known._replace(doubt=known.doubt or clash)
    return agreement


def declared(output: OutputPort, letters: Mapping[str, Known], origin: str) -> Given:
    """Return what the declaration of an output says of it, once the letters are known."""
    if not output.facts:
        return NOTHING
    found = {}
    for name, pattern in output.facts.items():
        if not is_variable(pattern):
            found[name] = Known(pattern, origin, name)
        elif known := letters.get(str(pattern)):
            found[name] = known
    return found


def asked_of(port: Port, letters: Mapping[str, Known]) -> Facts:
    """Return the facts a port asks for, as far as the letters are known."""
    return {
        name: letters[str(pattern)].value if is_variable(pattern) else pattern
        for name, pattern in port.facts.items()
        if not is_variable(pattern) or str(pattern) in letters
    }


def _compare(step: str, arrival: Arrival, name: str, agreement: Agreement) -> None:
    actual, pattern = arrival.given[name], arrival.port.facts[name]
    if is_variable(pattern):
        first = agreement.letters.setdefault(str(pattern), actual)
    else:
        first = Known(pattern, "", name)
    if first.value == actual.value:
        return
    clash = _clash(step, arrival, name, first, agreement.letters)
    agreement.clashes.append(clash)
    if is_variable(pattern):
        agreement.doubted.setdefault(str(pattern), clash)


def _clash(
    step: str, arrival: Arrival, name: str, first: Known, letters: Mapping[str, Known]
) -> Found:
    port, actual = arrival.port, arrival.given[name]
    sides = [side for side in (first, actual) if side.origin]
    problem = Problem(
        code="facts-clash",
        message=f"{name} is {actual.value}, expected {first.value}",
        step=step,
        port=port.name,
        because=tuple(side.told() for side in sides),
        fixes=advice(f"link {port.type_name} and the other inputs from parts that belong together"),
        got=f"{name} {actual.value}",
        expected=f"{name} {first.value}",
    )
    return Found(
        problem,
        cause=frozenset(sides) if len(sides) > 1 else None,
        follows=first.doubt or actual.doubt,
        wanted=Wanted(port, asked_of(port, letters), proven=True, instead=arrival.link),
    )
