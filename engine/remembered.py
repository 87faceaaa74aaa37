"""Checks that were made before: a document that has passed, with files that have not changed.

Whether it has is asked of the files themselves, every time: each name is looked up again, and its
digest compared. What a node says of its inputs follows from them alone, so it need not be asked.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from engine.check import Checked
from engine.files import FileError, Files
from engine.ports import File, FileRef
from engine.problems import Problem
from engine.workflow import Workflow

MOST = 16


class Passed(NamedTuple):
    """A workflow without errors, its check, and its warnings."""

    workflow: Workflow
    checked: Checked
    problems: list[Problem]


@dataclass(frozen=True)
class _Named:
    """A file as a workflow names it, and what the name led to."""

    mark: File
    written: Any
    found: FileRef


class Remembered:
    """The newest checks that passed; safe to use from any thread.

    Args:
        files: Where files may come from.
        most: How many are kept.
    """

    def __init__(self, files: Files, most: int = MOST) -> None:
        self._files = files
        self._most = most
        self._kept: dict[str, tuple[Passed, tuple[_Named, ...]]] = {}
        self._lock = threading.Lock()

    def recall(self, asked: str) -> Passed | None:
        """Return the check of what was asked, if all its files are as they were."""
        with self._lock:
            kept = self._kept.pop(asked, None)
        if kept is None or not all(self._is_same(named) for named in kept[1]):
            return None
        self._put(asked, kept)
        return kept[0]

    def keep(self, asked: str, passed: Passed) -> None:
        """Remember a check that found no errors."""
        self._put(asked, (passed, tuple(_named(passed))))

    def _put(self, asked: str, kept: tuple[Passed, tuple[_Named, ...]]) -> None:
        with self._lock:
            self._kept[asked] = kept
            if len(self._kept) > self._most:
                del self._kept[next(iter(self._kept))]

    def _is_same(self, named: _Named) -> bool:
        try:
            return self._files.resolve(named.mark, named.written) == named.found
        except FileError:
            return False


def _named(passed: Passed) -> Iterator[_Named]:
    for step in passed.checked.graph or ():
        for name, value in step.settings.items():
            mark = step.node.inputs[name].file
            if mark is not None and isinstance(value, FileRef):
                yield _Named(mark, passed.workflow.steps[step.id].inputs[name], value)
