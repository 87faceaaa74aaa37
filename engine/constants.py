"""Settings linked to a number that the graph itself writes down: known without a run.

A node that passes on what is written in it tells that by the fact `VALUE` of its output.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.bindings import Bound
from engine.facts import Arrival
from engine.ports import VALUE
from engine.problems import Edit, Fix
from engine.verdict import fitting, misfit, settled, shown, wanted


def constants(bound: Bound, arrivals: Sequence[Arrival]) -> Mapping[str, Any]:
    """Return the linked settings of a step that are known before a run.

    Args:
        bound: The step; a value that its setting does not take is added to its problems.
        arrivals: What its links bring.
    """
    found: dict[str, Any] = {}
    for arrival in arrivals:
        port, known = arrival.port, arrival.given.get(VALUE)
        if port.kind != "setting" or known is None:
            continue
        found[port.name] = settled(port, known.value)
        if wrong := misfit(port, known.value):
            near = fitting(port, known.value)
            instead = Fix(f"write {shown(near)} instead of the link", (Edit("", "", near),))
            bound.refuse(
                "wrong-value", port.name, wrong.message, [] if near is None else [instead],
                got=shown(known.value), expected=wanted(port), because=(known.told(),),
            )  # fmt: skip
    return found
