"""Whether what a link brings is of the type its port takes; type variables are unified per step."""

from __future__ import annotations

from collections.abc import Mapping

from engine.bindings import Bound, refuse_missing
from engine.errors import EngineError
from engine.facts import NOTHING, Arrival, Given
from engine.graph import each_link
from engine.ledger import Wanted
from engine.ports import SCALARS, Absent, Port
from engine.problems import advice
from engine.verdict import did_you_mean
from engine.workflow import Link

Steps = Mapping[str, Bound | None]
Outputs = Mapping[Link, Given | Absent]
Variables = dict[str, tuple[type, Link]]


def fits(given: type, wanted: type) -> bool:
    """Tell whether a value of one type may go where another is wanted."""
    if wanted in SCALARS:
        return given is wanted or (given is int and wanted is float)
    return issubclass(given, wanted)


def drop_unneeded(bound: Bound) -> None:
    """Take the lazy links out that the node does not ask for, when that can be told already."""
    ports = bound.node.inputs
    if bound.node.needs is None or not bound.whole:
        return
    if any(not ports[name].lazy for name in bound.links):
        return  # it depends on a value, so the run asks
    try:
        asked = set(bound.node.needs(bound.settings))
    except Exception as error:  # noqa: BLE001 - a node's own fault must not end the check
        clear = isinstance(error, ValueError | EngineError)
        message = str(error).rstrip(".") if clear else f"{type(error).__name__}: {error}"
        bound.refuse("refused", "", message)
        return
    for name in [name for name, port in ports.items() if port.lazy]:
        if name not in asked:
            bound.links.pop(name, None)
        elif name not in bound.links:
            refuse_missing(bound, ports[name])


def check_links(bound: Bound, steps: Steps, known: Outputs) -> tuple[Arrival, ...]:
    """Check the type of every link of a step and resolve the types of its outputs.

    Args:
        bound: The step; its problems are added to it.
        steps: Every step by id; None for those that have no usable type.
        known: Facts of the outputs of the steps before this one.

    Returns:
        What each link brings, in the order of the ports.
    """
    arrivals: list[Arrival] = []
    variables: Variables = {}
    for name, source in bound.links.items():
        port = bound.node.inputs[name]
        for link in each_link(source):
            if _check_link(bound, port, link, steps, variables):
                facts = known.get(link, NOTHING)
                if isinstance(facts, Absent):
                    _refuse_absent(bound, port, link, facts)
                    facts = NOTHING
                arrivals.append(Arrival(port, link, facts))
            else:
                arrivals.append(Arrival(port, link, NOTHING))
    _resolve(bound, variables)
    return tuple(arrivals)


def _check_link(bound: Bound, port: Port, link: Link, steps: Steps, variables: Variables) -> bool:
    """Check that the linked output exists and is of a fitting type."""
    given = _type_of(bound, port, link, steps)
    if given is None:
        return False
    if port.variable:
        return _unify(bound, port, link, given, variables)
    if fits(given, port.type):
        return True
    bound.refuse(
        "wrong-type", port.name, f'expected {port.type_name}, got {given.__name__} from "{link}"',
        advice(f"link an output of type {port.type_name}"),
        got=given.__name__, expected=port.type_name, wanted=Wanted(port, instead=link),
    )  # fmt: skip
    return False


def _type_of(bound: Bound, port: Port, link: Link, steps: Steps) -> type | None:
    """Return the type of a linked output; None when another problem says enough."""
    if link.step not in steps:
        _refuse_step(bound, port, link, steps)
        return None
    parent = steps[link.step]
    if parent is None:
        return None
    if link.output not in parent.node.outputs:
        _refuse_output(bound, port, link, parent)
        return None
    return parent.output_types[link.output]


def _unify(bound: Bound, port: Port, link: Link, given: type, variables: Variables) -> bool:
    before, origin = variables.setdefault(port.variable, (given, link))
    if fits(given, before):
        return True
    if fits(before, given):
        variables[port.variable] = (given, link)
        return True
    message = f'expected {before.__name__}, got {given.__name__} from "{link}"'
    bound.refuse(
        "wrong-type", port.name, message,
        advice(f"link outputs of one type to all inputs of type {port.variable}"),
        got=given.__name__, expected=before.__name__,
        because=(f"{port.variable} is {before.__name__} from {origin}",
                 f"{port.variable} is {given.__name__} from {link}"),
        wanted=Wanted(port, instead=link, type=before),
    )  # fmt: skip
    return False


def _resolve(bound: Bound, variables: Variables) -> None:
    """Give outputs of variable type the type of what is linked."""
    outputs = bound.node.outputs
    open_outputs = [port for port in outputs.values() if port.variable]
    if not open_outputs:
        return
    resolved = {name: found for name, (found, _) in variables.items()}
    bound.output_types = {
        name: resolved.get(port.variable) if port.variable else port.type
        for name, port in outputs.items()
    }
    for port in open_outputs:
        inputs = [item for item in bound.node.inputs.values() if item.variable == port.variable]
        if bound.whole and not any(item.name in bound.links for item in inputs):
            names = " or ".join(item.name for item in inputs)
            message = f"nothing is linked to {names}, so the type of {port.name} is not known"
            bound.refuse("missing-input", inputs[0].name if inputs else "", message,
                         advice("link an output"), got="nothing", expected="a link")  # fmt: skip


def _refuse_step(bound: Bound, port: Port, link: Link, steps: Steps) -> None:
    bound.refuse(
        "unknown-step", port.name, f'links to "{link}": no such step',
        advice(did_you_mean(link.step, steps)),
        got=link.step, expected="the id of a step", wanted=Wanted(port, instead=link),
    )  # fmt: skip


def _refuse_output(bound: Bound, port: Port, link: Link, parent: Bound) -> None:
    names = list(parent.node.outputs)
    bound.refuse(
        "unknown-output", port.name, f'links to "{link}": {parent.node.name} has no such output',
        advice(did_you_mean(link.output, names)),
        got=link.output, expected=", ".join(names) or "no output",
        wanted=Wanted(port, instead=link),
    )  # fmt: skip


def _refuse_absent(bound: Bound, port: Port, link: Link, absent: Absent) -> None:
    found = bound.refuse(
        "absent-output", port.name, f'there is no "{link}": {absent.reason}',
        got="nothing", expected=port.type_name, wanted=Wanted(port, instead=link),
    )  # fmt: skip
    found.cause = ("absent", link)
