"""What runs need, and the one way from a document to a run: of the command line and the queue."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from engine.backends.backend import Backend
from engine.cache import Cache
from engine.changes import apply_changes
from engine.check import Checked, check
from engine.events import Listener
from engine.executor import Run
from engine.files import Files
from engine.graph import Graph
from engine.history import History, Late, LateHistory, write_late
from engine.migrate import up_to_date
from engine.node import Settings
from engine.plan import make_plan
from engine.problems import Problem
from engine.ready import LIMITS
from engine.registry import Registry
from engine.remembered import Passed, Remembered
from engine.verdict import bounded_hints
from engine.workflow import Workflow, from_document


@dataclass(frozen=True)
class Workshop:
    """What runs need.

    Attributes:
        registry: Node types.
        files: Where files may come from.
        cache: Store, memory and weights, and the folders of results.
        backend: Where steps compute; nothing is started before the first one.
        settings: Device, numerics and threads.
        limits: How many steps at once may use each resource.
    """

    registry: Registry
    files: Files
    cache: Cache
    backend: Backend
    settings: Settings
    limits: Mapping[str, int] = field(default_factory=lambda: LIMITS)
    _late: Late = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def remembered(self) -> Remembered:
        """The newest checks that passed."""
        return Remembered(self.files)

    def checked(
        self, document: Mapping[str, Any], name: str, changes: Iterable[str] = ()
    ) -> tuple[Workflow, Checked, list[Problem]]:
        """Read and check a document; all problems, also those of its changes.

        Args:
            document: The workflow, as JSON.
            name: What people call it.
            changes: `NAME=VALUE`, as `--set` takes them.

        Raises:
            WorkflowError: It is no workflow.
        """
        asked = json.dumps([document, name, [*changes]])
        if passed := self.remembered.recall(asked):
            return passed
        workflow, outdated = up_to_date(from_document(document, name=name), self.registry)
        with bounded_hints():
            workflow, wrong = apply_changes(workflow, changes, self.registry)
        found = check(workflow, self.registry, self.files)
        passed = Passed(workflow, found, [*outdated, *wrong, *found.problems])
        if not any(problem.severity == "error" for problem in passed.problems):
            self.remembered.keep(asked, passed)
        return passed

    def history(self, workflow: Workflow) -> History:
        """Return the earlier runs of a workflow, those included that `tidy` has yet to write."""
        return LateHistory(self.cache.store, workflow.path, self._late, settings=self.settings)

    def tidy(self) -> None:
        """Write what only serves to explain and make room in the store, when nobody waits for it.

        Raises:
            OSError: It cannot be written.
        """
        write_late(self._late, self.cache.store, self.settings)
        self.cache.store.settle()

    @contextlib.contextmanager
    def running(self, graph: Graph, history: History, listen: Listener) -> Iterator[Run]:
        """Plan a run, and keep what it may read from being evicted during the block.

        Args:
            graph: A checked workflow.
            history: Its earlier runs.
            listen: Gets every event, one at a time, from any thread.
        """
        plan = make_plan(graph, self.cache, self.settings.numerics, history)
        with self.cache.store.lease(plan.contents):
            yield Run(plan, self.cache, self.settings, listen, self.backend, self.limits, history)

    def saved(self, files: Iterable[str]) -> tuple[str, ...]:
        """Return the names of results below the output folder; previews are no results."""
        output = self.cache.results.roots["output"].resolve()
        found = (Path(file) for file in files)
        return tuple(
            file.relative_to(output).as_posix() for file in found if file.is_relative_to(output)
        )
