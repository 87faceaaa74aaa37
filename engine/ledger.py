"""Collects the problems of a check: what follows from an earlier one is counted, not listed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field, replace

from engine.ports import NO_FACTS, Facts, Port
from engine.problems import Problem
from engine.workflow import Link


@dataclass(frozen=True)
class Wanted:
    """The link that would mend a problem.

    Attributes:
        port: Input it is for.
        facts: Facts of its value.
        proven: Whether the value must be known to have them; else they need only be possible.
        instead: The link it takes the place of, where there is one.
        type: Type of the value, where the port's own type is a variable.
    """

    port: Port
    facts: Facts = field(default_factory=lambda: NO_FACTS)
    proven: bool = False
    instead: Link | None = None
    type: type | None = None


@dataclass(eq=False)
class Found:
    """A problem with what the check knows about it.

    Attributes:
        problem: The problem as it will be shown.
        cause: What brought it about; two problems of one cause are one.
        follows: The earlier problem without which this one might not be.
        wanted: What could be linked instead.
    """

    problem: Problem
    cause: Hashable = None
    follows: Found | None = None
    wanted: Wanted | None = None

    @property
    def stops(self) -> bool:
        """Whether it keeps the workflow from running."""
        return self.problem.severity == "error"


class Ledger:
    """The problems of one check, in the order they were found."""

    def __init__(self) -> None:
        self._listed: list[Found] = []
        self._hidden: Counter[Found] = Counter()
        self._causes: dict[Hashable, Found] = {}

    @property
    def stops(self) -> bool:
        """Whether anything found keeps the workflow from running."""
        return any(found.stops for found in self._listed)

    def note(self, found: Iterable[Found]) -> None:
        """Take problems in; each is either listed or counted with the one it follows from."""
        for item in found:
            earlier = item.follows or self._causes.get(item.cause)
            if earlier is not None and (earlier.stops or not item.stops):
                item.follows = earlier.follows or earlier
                self._hidden[item.follows] += 1
                continue
            self._listed.append(item)
            if item.cause is not None:
                self._causes[item.cause] = item

    def problems(self, mend: Callable[[Found], Problem]) -> tuple[Problem, ...]:
        """Return the problems to show; `mend` adds the fixes that need the whole graph."""
        return tuple(replace(mend(item), hidden=self._hidden[item]) for item in self._listed)
