"""Whether what a link brings fits: value types first, then their facts, unified per step.

A fact is known (`c` is 4) or unknown. Only a provable clash is a problem; what is unknown is left
to the run. Facts flow forward from `infer` and from the letters in a node's declaration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.bindings import Bound
from engine.errors import EngineError
from engine.node import Inference
from engine.ports import NO_FACTS, SCALARS, Absent, Fact, Facts, OutputPort, Port, is_variable
from engine.verdict import did_you_mean
from engine.workflow import Link

Known = dict[Link, Facts | Absent]


@dataclass
class _Letters:
    """The variables of one step: the value of each, and where it came from."""

    values: dict[str, Fact] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)


def check_links(bound: Bound, steps: Mapping[str, Bound | None], known: Known) -> None:
    """Check every link of a step and add the facts of its outputs to `known`.

    Args:
        bound: The step; its problems are added to it.
        steps: Every step by id; None for those that have no usable type.
        known: Facts of the outputs of all steps before this one.
    """
    letters = _Letters()
    linked: dict[str, Facts] = {}
    for name, source in bound.links.items():
        links = source if isinstance(source, tuple) else (source,)
        for link in links:
            if _check_type(bound, bound.node.inputs[name], link, steps):
                facts = known.get(link, NO_FACTS)
                if isinstance(facts, Absent):
                    bound.refuse("absent-output", name, f'there is no "{link}": {facts.reason}')
                    continue
                _unify(bound, bound.node.inputs[name], link, facts, letters)
                linked[name] = {**facts, **linked.get(name, {})}
            else:
                linked.setdefault(name, NO_FACTS)
    inferred = _infer(bound, linked) if not bound.problems else {}
    for output in bound.node.outputs.values():
        found = inferred.get(output.name, NO_FACTS)
        if not isinstance(found, Absent):
            found = {**_declared(output, letters), **found}
        known[Link(bound.source.id, output.name)] = found


def fits(given: type, wanted: type) -> bool:
    """Tell whether a value of one type may go where another is wanted."""
    if wanted in SCALARS:
        return given is wanted or (given is int and wanted is float)
    return issubclass(given, wanted)


def _check_type(bound: Bound, port: Port, link: Link, steps: Mapping[str, Bound | None]) -> bool:
    """Check that the linked output exists and is of a fitting type."""
    if link.step not in steps:
        hint = did_you_mean(link.step, list(steps))
        bound.refuse("unknown-step", port.name, f'links to "{link}": no such step', hint)
        return False
    parent = steps[link.step]
    if parent is None:
        return False  # its own problem says enough
    output = parent.node.outputs.get(link.output)
    if output is None:
        hint = did_you_mean(link.output, list(parent.node.outputs))
        message = f'links to "{link}": {parent.node.name} has no such output'
        bound.refuse("unknown-output", port.name, message, hint)
        return False
    if not fits(output.type, port.type):
        message = f'expected {port.type_name}, got {output.type_name} from "{link}"'
        others = [
            f"{link.step}.{other.name}"
            for other in parent.node.outputs.values()
            if fits(other.type, port.type)
        ]
        fix = f"link {others[0]}" if others else f"link an output of type {port.type_name}"
        bound.refuse("wrong-type", port.name, message, fix)
        return False
    return True


def _unify(bound: Bound, port: Port, link: Link, facts: Facts, letters: _Letters) -> None:
    for name, pattern in port.facts.items():
        actual = facts.get(name)
        if actual is None:
            continue
        origin = f"{name} is {actual} from {link}"
        expected: Fact | None = pattern
        because = origin
        if is_variable(pattern):
            letter = str(pattern)
            expected = letters.values.setdefault(letter, actual)
            because = letters.origins.setdefault(letter, origin)
        if expected != actual:
            reasons = (because, origin) if because != origin else (origin,)
            message = f"{name} is {actual}, expected {expected}"
            fix = f"link {port.type_name} and the other inputs from parts that belong together"
            bound.refuse("facts-clash", port.name, message, fix, reasons)


def _declared(output: OutputPort, letters: _Letters) -> Facts:
    found = {
        name: letters.values.get(str(pattern)) if is_variable(pattern) else pattern
        for name, pattern in output.facts.items()
    }
    return {name: fact for name, fact in found.items() if fact is not None}


def _infer(bound: Bound, linked: Mapping[str, Facts]) -> Mapping[str, Facts | Absent]:
    """Ask the node for the facts of its outputs; what it refuses becomes a problem."""
    if bound.node.infer is None:
        return {}
    settings = {
        name: bound.settings.get(name)
        for name, port in bound.node.inputs.items()
        if port.kind in ("setting", "file")
    }
    try:
        return bound.node.infer(Inference(settings, linked)) or {}
    except (ValueError, OSError, EngineError) as error:
        bound.refuse("refused", "", str(error).rstrip("."))
    except Exception as error:  # noqa: BLE001 - a node's own fault must not end the check
        kind = type(error).__name__
        bound.refuse(
            "infer-failed", "", f"{bound.node.name} could not be checked ({kind}: {error})"
        )
    return {}
