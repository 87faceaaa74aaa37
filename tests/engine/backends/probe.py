"""Submits tasks to a backend one by one, as an executor does, and keeps what it hears."""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.backends.backend import Backend
from engine.backends.inline import InlineBackend
from engine.backends.process import ProcessBackend
from engine.backends.report import Ending, Failed, Finished, Report
from engine.backends.task import Task
from engine.backends.wire import Setup
from engine.graph import Step
from engine.keys import action_key, described_inputs
from engine.node import Settings
from engine.records import Value
from engine.workflow import Link
from tests.engine.shell import MAIN
from tests.engine.workbench import REGISTRY, Workbench, document, step

WORKER = [sys.executable, str(MAIN), "--worker"]
PATIENCE = 20.0


@dataclass
class Heard:
    """What was reported of one task."""

    task: Task
    reports: list[Report] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def __call__(self, report: Report) -> None:
        with self._changed:
            self.reports.append(report)
            self._changed.notify_all()

    def of(self, kind: type[Report]) -> list[Any]:
        return [report for report in self.reports if isinstance(report, kind)]

    def wait_for(self, kind: Any) -> Any:
        """Wait for the first report of a kind."""
        with self._changed:
            found = self._changed.wait_for(lambda: self.of(kind), PATIENCE)
            assert found, f"no {kind} among {self.reports}"
            return found[0]

    def ending(self) -> Ending:
        """Wait for the end; there must be exactly one, and nothing after it."""
        found: Ending = self.wait_for(Ending)
        with self._changed:
            assert isinstance(self.reports[-1], Ending)
            assert len(self.of(Ending)) == 1  # type: ignore[arg-type]
        return found

    def finished(self) -> Finished:
        """Wait for the end, which must be a good one."""
        ending = self.ending()
        assert isinstance(ending, Finished), ending
        return ending

    def failed(self) -> Failed:
        """Wait for the end, which must be a bad one."""
        ending = self.ending()
        assert isinstance(ending, Failed), ending
        return ending


@dataclass
class Probe:
    """A backend on a workbench, and the values that are known so far."""

    bench: Workbench
    backend: Backend
    values: dict[Link, Value] = field(default_factory=dict)

    def submit(self, written: Mapping[str, Any], name: str = "it", **more: Any) -> Heard:
        """Submit one step of a workflow; the steps before it are computed first."""
        graph = self.bench.graph(written)
        for found in graph.needed_by([name]):
            if found.id != name and not self._knows(found):
                self.learn(found, self.submit_step(found, graph.files).finished())
        return self.submit_step(graph.steps[name], graph.files, **more)

    def it(self, kind: str, **inputs: Any) -> Heard:
        """Submit a step that reads no other."""
        return self.submit(document(it=step(kind, **inputs)))

    def value(self, heard: Heard, output: str = "int") -> Any:
        """Decode an output of a finished task."""
        value = heard.finished().record.outputs[output]
        return self.bench.fresh().cache().load(value, REGISTRY.value_type(value.type))

    def submit_step(self, found: Step, files: Any, **more: Any) -> Heard:
        run = more.pop("run", Settings())
        key = more.pop("key", "") or action_key(found, self.values, run.numerics)
        described = described_inputs(found, self.values, run.numerics)
        task = Task.of(found, key, self.values, described, files, run, **more)
        heard = Heard(task)
        self.backend.submit(task, heard)
        return heard

    def _knows(self, found: Step) -> bool:
        return all(Link(found.id, name) in self.values for name in found.node.outputs)

    def learn(self, found: Step, finished: Finished) -> None:
        for name, value in finished.record.outputs.items():
            self.values[Link(found.id, name)] = value


def inline(bench: Workbench, threads: int = 4, **more: Any) -> InlineBackend:
    return InlineBackend(REGISTRY, bench.cache(), threads, **more)


def process(bench: Workbench, threads: int = 4, grace: float = 0.5) -> ProcessBackend:
    setup = Setup.of(bench.cache(), 1_000_000, threads)
    return ProcessBackend(WORKER, setup, grace)


def once(kind: str, **inputs: Any) -> dict[str, Any]:
    """Write a workflow of one step called `it`."""
    return document(it=step(kind, **inputs))
