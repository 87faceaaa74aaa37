"""Which steps of a run are open, what each of them waits for, and who still reads what."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable


class Demand:
    """Bookkeeping by step id; the caller decides what a step has to wait for."""

    def __init__(self) -> None:
        self._missing: dict[str, int] = {}
        self._waiters: dict[str, list[str]] = {}
        self._reads: dict[str, set[str]] = {}
        self._readers: Counter[str] = Counter()
        self._arrived: deque[str] = deque()

    def open(self, step: str) -> bool:
        """Demand a step, which arrives at once; False when it is open already."""
        if step in self._missing:
            return False
        self._missing[step] = 0
        self._arrived.append(step)
        return True

    def is_open(self, step: str) -> bool:
        """Tell whether a step is demanded and not closed yet."""
        return step in self._missing

    def arrived(self) -> str | None:
        """Take the next open step that waits for nothing."""
        while self._arrived:
            step = self._arrived.popleft()
            if self._missing.get(step) == 0:
                return step
        return None

    def arrive(self, step: str) -> None:
        """Let an open step that waits for nothing be looked at once more."""
        self._arrived.append(step)

    def wait(self, step: str, for_steps: Iterable[str]) -> None:
        """Let an open step arrive again when all of these are closed."""
        for other in for_steps:
            self._waiters.setdefault(other, []).append(step)
            self._missing[step] += 1

    def read(self, step: str, parents: Iterable[str]) -> None:
        """Note that an open step will read from these."""
        held = self._reads.setdefault(step, set())
        new = set(parents) - held
        held |= new
        self._readers.update(new)

    def has_readers(self, step: str) -> bool:
        """Tell whether an open step will read from this one."""
        return self._readers[step] > 0

    def close(self, step: str) -> tuple[list[str], list[str]]:
        """Close a step.

        Returns:
            The steps that waited for it, and those nobody reads from any more.
        """
        self._missing.pop(step, None)
        parents = self._reads.pop(step, set())
        self._readers.subtract(parents)
        waiters = self._waiters.pop(step, [])
        for waiter in waiters:
            if waiter in self._missing:
                self._missing[waiter] -= 1
                if not self._missing[waiter]:
                    self._arrived.append(waiter)
        return waiters, [parent for parent in parents if not self._readers[parent]]
