"""Runs toy workflows the way the command line does, and says what happened."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engine.backends.inline import InlineBackend
from engine.cache import Cache
from engine.check import Checked, check
from engine.events import Event
from engine.executor import Run
from engine.files import Files
from engine.graph import Graph
from engine.history import History
from engine.memory import Memory, Resources
from engine.node import Settings
from engine.outcome import Outcome
from engine.plan import Plan, make_plan
from engine.ports import Root
from engine.registry import Registry
from engine.results import Results
from engine.store import Store
from engine.workflow import from_document
from tests.engine.toys import TOYS

DEFAULTS = Settings()
REGISTRY = Registry.of_modules(TOYS)


def step(kind: str, **inputs: Any) -> dict[str, Any]:
    """Write a step; a text with a leading @ is a link."""
    return {"type": kind, "inputs": {name: _written(value) for name, value in inputs.items()}}


def document(**steps: Mapping[str, Any]) -> dict[str, Any]:
    """Write a workflow document."""
    return {"format": "latentgraph/1", "nodes": dict(steps)}


def _written(value: Any) -> Any:
    if isinstance(value, str) and value.startswith("@"):
        return {"link": value[1:]}
    return [_written(item) for item in value] if isinstance(value, list) else value


@dataclass
class Workbench:
    """A folder with a store, an output folder and input files; one process's caches."""

    folder: Path
    reading: bool = True
    budget: int = 1_000_000
    place: str = "output"
    checking: bool = True
    registry: Registry = REGISTRY
    events: list[Event] = field(default_factory=list)
    memory: Memory = field(init=False)
    resources: Resources = field(default_factory=Resources)

    def __post_init__(self) -> None:
        self.memory = Memory(self.budget)
        self.store = Store(self.folder / "store")

    @property
    def output(self) -> Path:
        return self.folder / self.place

    def fresh(self) -> Workbench:
        """Return what a new process would see of the same folder."""
        return replace(self, events=[], resources=Resources())

    def cache(self) -> Cache:
        results = Results({"output": self.output, "preview": self.store.preview})
        return Cache(self.store, results, self.memory, self.resources, self.reading)

    def check(self, written: Mapping[str, Any]) -> Checked:
        roots: Mapping[Root, list[Path]] = {"inputs": [self.folder], "models": []}
        workflow = from_document(written, self.folder)
        return check(workflow, self.registry, Files(roots, self.store.digest_of))

    def codes(self, written: Mapping[str, Any]) -> list[str]:
        return [problem.code for problem in self.check(written).problems]

    def sentences(self, written: Mapping[str, Any]) -> str:
        return "\n".join(problem.sentence() for problem in self.check(written).problems)

    def graph(self, written: Mapping[str, Any]) -> Graph:
        checked = self.check(written)
        assert checked.graph is not None, [problem.sentence() for problem in checked.problems]
        return checked.graph

    def plan(
        self, written: Mapping[str, Any], numerics: str = "float32", history: History | None = None
    ) -> Plan:
        return self.plan_of(self.graph(written), numerics, history)

    def plan_of(
        self, graph: Graph, numerics: str = "float32", history: History | None = None
    ) -> Plan:
        return make_plan(graph, self.cache(), numerics, history)

    def states(self, written: Mapping[str, Any]) -> dict[str, str]:
        return {name: entry.state for name, entry in self.plan(written).entries.items()}

    def run(
        self, written: Mapping[str, Any], workers: int = 1, numerics: str = "float32"
    ) -> Outcome:
        return self.run_graph(self.graph(written), workers, numerics)

    def run_graph(self, graph: Graph, workers: int = 1, numerics: str = "float32") -> Outcome:
        self.events.clear()
        settings = Settings("cpu", numerics)
        return self.execute(self.plan_of(graph, numerics), settings, workers)

    def execute(
        self,
        plan: Plan,
        settings: Settings = DEFAULTS,
        workers: int = 1,
        history: History | None = None,
        limits: Mapping[str, int] | None = None,
    ) -> Outcome:
        """Run a plan, holding every node to leaving its inputs alone."""
        with self.backend(workers + 3) as backend:
            limits = {"compute": workers, "io": 3, **(limits or {})}
            listen = self.events.append
            return Run(plan, self.cache(), settings, listen, backend, limits, history).execute()

    @contextlib.contextmanager
    def backend(self, threads: int = 1) -> Iterator[InlineBackend]:
        backend = InlineBackend(self.registry, self.cache(), threads, check_mutation=self.checking)
        with contextlib.closing(backend):
            yield backend

    def computed(self, written: Mapping[str, Any], workers: int = 1) -> set[str]:
        """Run and return the ids of the steps that computed."""
        return in_state(self.run(written, workers), "computed")

    def of(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def contents(self) -> list[Path]:
        """Every content file of the store."""
        return sorted(path for path in (self.store.folder / "cas").rglob("*") if path.is_file())

    def files(self) -> dict[str, str]:
        """Everything saved for the user, by name."""
        found: Iterable[Path] = self.output.rglob("*") if self.output.exists() else ()
        return {
            path.relative_to(self.output).as_posix(): path.read_text()
            for path in found
            if path.is_file()
        }


def raised(name: str) -> Registry:
    """Return the toy nodes, one of them with its version raised."""
    return Registry(
        replace(node, version=node.version + 1) if node.name == name else node for node in REGISTRY
    )


def in_state(outcome: Outcome, state: str) -> set[str]:
    return {name for name, found in outcome.states.items() if found == state}
