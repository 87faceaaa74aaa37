"""Finds what could be linked instead: the output that is meant, or the only one that fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from engine.bindings import Bound
from engine.facts import NOTHING, Given
from engine.graph import each_link
from engine.ledger import Found, Wanted
from engine.links import Outputs, Steps, fits
from engine.ports import Absent
from engine.problems import Edit, Fix, Problem
from engine.verdict import nearest
from engine.workflow import Link

_MOST_STEPS_WALKED = 200_000  # over all problems, so that a broken large graph is checked quickly
_MOST_CANDIDATES = 20
_MOST_MENDED = 500  # problems; nobody reads that many, and each may look at every step


class Suggestions:
    """What the steps of one workflow could be linked to."""

    def __init__(self, steps: Steps, known: Outputs) -> None:
        self._steps = {name: bound for name, bound in steps.items() if bound is not None}
        self._known = known
        self._budget = _MOST_STEPS_WALKED
        self._mended = 0
        self._by_type: dict[type, list[Link]] | None = None

    def mend(self, found: Found) -> Problem:
        """Return the problem with the one link that mends it, where there is one."""
        problem, wanted = found.problem, found.wanted
        if wanted is None or problem.step not in self._steps or self._mended >= _MOST_MENDED:
            return problem
        self._mended += 1
        bound = self._steps[problem.step]
        link = self._meant(bound, wanted) or self._only(bound, wanted)
        if link is None:
            return problem
        edit = Edit(bound.source.id, wanted.port.name, _written(bound, wanted, link))
        return replace(problem, fixes=(Fix(f'link "{link}"', (edit,)),))

    def _meant(self, bound: Bound, wanted: Wanted) -> Link | None:
        """Find the output that a slightly wrong link was written for."""
        if wanted.instead is None:
            return None
        step, output = wanted.instead.step, wanted.instead.output
        if step not in self._steps:
            step = nearest(step, [name for name in self._steps if name != bound.source.id]) or ""
        links = [Link(step, name) for name in self._outputs(step)]
        good = [link for link in links if link != wanted.instead and self._fits(link, wanted)]
        named = nearest(output, [link.output for link in good])
        chosen = Link(step, named) if named else next(iter(good), None)
        return None if chosen is None or self._depends(step, bound.source.id) else chosen

    def _only(self, bound: Bound, wanted: Wanted) -> Link | None:
        """Find the only output of the workflow that fits and does not depend on the step."""
        good = []
        for link in self._of_fitting_type(wanted):
            if link.step != bound.source.id and link != wanted.instead and self._fits(link, wanted):
                good.append(link)
                if len(good) > _MOST_CANDIDATES:
                    return None
        free = [link for link in good if not self._depends(link.step, bound.source.id)]
        return free[0] if len(free) == 1 else None

    def _of_fitting_type(self, wanted: Wanted) -> Iterator[Link]:
        if self._by_type is None:
            self._by_type = {}
            for step, bound in self._steps.items():
                for name, kind in bound.output_types.items():
                    if kind is not None:
                        self._by_type.setdefault(kind, []).append(Link(step, name))
        kind = wanted.type or wanted.port.type
        for given, links in self._by_type.items():
            if fits(given, kind):
                yield from links

    def _fits(self, link: Link, wanted: Wanted) -> bool:
        given = self._outputs(link.step)[link.output]
        known: Given | Absent = self._known.get(link, NOTHING)
        if given is None or not fits(given, wanted.type or wanted.port.type):
            return False
        if isinstance(known, Absent):
            return False
        return all(
            known[name].value == fact if name in known else not wanted.proven
            for name, fact in wanted.facts.items()
        )

    def _outputs(self, step: str) -> Mapping[str, type | None]:
        return self._steps[step].output_types if step in self._steps else {}

    def _depends(self, step: str, on: str) -> bool:
        """Tell whether a step reads from another, directly or not; yes when that takes too long."""
        seen, waiting = set[str](), [step]
        while waiting:
            current = waiting.pop()
            if current == on or self._budget <= 0:
                return True
            if current in self._steps and current not in seen:
                seen.add(current)
                self._budget -= 1
                waiting.extend(self._steps[current].parents)
        return False


def _written(bound: Bound, wanted: Wanted, link: Link) -> Any:
    """Write the link as it stands in the document; in a list it takes the place of the old one."""
    if wanted.port.kind != "links":
        return {"link": str(link)}
    old = bound.links.get(wanted.port.name, ())
    links = [link if item == wanted.instead else item for item in each_link(old)]
    return [{"link": str(item)} for item in links or [link]]
