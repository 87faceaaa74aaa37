"""`--verify picture.png`: make a picture again in an empty store, and compare step by step."""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine.cache import Cache
from engine.check import check
from engine.cli.arguments import NUMERICS, Arguments
from engine.cli.computing import files_of, limits_of, make_backend, settings_of
from engine.cli.console import Console, JsonLines, PlainLines
from engine.cli.exits import DONE, FAILED
from engine.cli.signals import cancelled_by_signals
from engine.errors import EngineError
from engine.events import Event, RunDone, RunStarted, StepFailed
from engine.executor import Run
from engine.graph import Graph
from engine.memory import Memory, Resources
from engine.plan import Plan, make_plan
from engine.png import same_pixels
from engine.received import Received, read_receipt
from engine.records import Artifact
from engine.registry import Registry
from engine.results import Results
from engine.store import Store
from engine.verification import (
    Difference,
    between_runs,
    first,
    on_paper,
    order,
    outdated,
    refused,
)

_MEMORY_BYTES = 1_000_000_000


def verify_picture(
    arguments: Arguments, console: Console, registry: Registry, picture: Path
) -> int:
    """Make a picture again and say that it is identical, or which step differs first and why.

    Raises:
        EngineError: When the picture carries no receipt that can be read.
    """
    received = read_receipt(picture)
    with tempfile.TemporaryDirectory(prefix="latentgraph-verify-") as folder:
        verifier = Verifier(arguments, console, registry, received, Path(folder))
        found = verifier.difference(picture)
    _tell(console, picture, received, found)
    return DONE if found is None else FAILED


@dataclass
class Verifier:
    """One verification, in a folder of its own."""

    arguments: Arguments
    console: Console
    registry: Registry
    received: Received
    folder: Path
    failures: dict[str, str] = field(default_factory=dict)

    def difference(self, picture: Path) -> Difference | None:
        """Return the first difference; None when there is none."""
        store = Store(self.folder / "store", None)
        workflow = self.received.workflow
        steps = order(workflow)
        files = files_of(self.arguments, workflow, store.digest_of)
        checked = check(workflow, self.registry, files)
        found = [
            *outdated(self.received, self.registry),
            *refused(checked.problems, self.received),
        ]
        if checked.graph is not None:
            found += on_paper(checked.graph, self.received, NUMERICS)
        if found or checked.graph is None:
            return first(found, steps)
        if self.received.numerics not in NUMERICS:
            numerics = self.received.numerics
            return Difference(steps[0], "numerics", f'there are no numerics "{numerics}" here')
        return self._against_a_new_run(checked.graph, store, steps, picture)

    def _against_a_new_run(
        self, graph: Graph, store: Store, steps: list[str], picture: Path
    ) -> Difference | None:
        results = Results({"output": self.folder / "output", "preview": store.preview})
        cache = Cache(store, results, Memory(_MEMORY_BYTES), Resources())
        plan = self._run(graph, cache)
        volatile = {step.id for step in graph if step.node.volatile}
        found = between_runs(steps, self.received, plan.known.records, volatile)
        earliest = first(found, steps)
        if earliest is None:
            return self._of_pixels(plan, results, picture)
        if earliest.step in self.failures:
            return replace(earliest, cause="failed", message=self.failures[earliest.step])
        return earliest

    def _run(self, graph: Graph, cache: Cache) -> Plan:
        arguments = replace(self.arguments, numerics=self.received.numerics)
        plan = make_plan(graph, cache, arguments.numerics)
        with (
            contextlib.closing(
                make_backend(arguments, self.registry, cache, _MEMORY_BYTES)
            ) as backend,
            self._listener() as listen,
        ):

            def hear(event: Event) -> None:
                if isinstance(event, StepFailed):
                    self.failures[event.step] = event.message
                elif not isinstance(event, RunStarted | RunDone):
                    listen(event)

            settings, limits = settings_of(arguments), limits_of(arguments)
            run = Run(plan, cache, settings, hear, backend, limits)
            with cancelled_by_signals(run):
                outcome = run.execute()
        if outcome.status == "cancelled":
            raise KeyboardInterrupt
        return run.plan

    def _listener(self) -> JsonLines | PlainLines:
        return JsonLines(self.console) if self.console.as_json else PlainLines(self.console)

    def _of_pixels(self, plan: Plan, results: Results, picture: Path) -> Difference | None:
        step, number = self.received.saved
        artifacts: tuple[Artifact, ...] = plan.known.records[step].artifacts
        if number >= len(artifacts):
            message = f"it saves {len(artifacts)} pictures, the receipt is of number {number + 1}"
            return Difference(step, "receipt", message)
        try:
            same = same_pixels(picture, results.path(artifacts[number]))
        except EngineError as error:
            return Difference(step, "pixels", f"the pixels cannot be compared: {error}")
        if same:
            return None
        message = "every step gives what the receipt tells, but the picture shows other pixels;"
        return Difference(step, "pixels", f"{message} it was changed after it was saved")


def _tell(console: Console, picture: Path, received: Received, found: Difference | None) -> None:
    count = len(received.steps)
    if console.as_json:
        told = found.to_json() if found else {"step": None, "cause": None, "message": ""}
        console.data(
            {"event": "verified", "file": str(picture), "identical": found is None, **told,
             "steps": count}
        )  # fmt: skip
    elif found is None:
        console.line(f"identical: {picture}, all {count} steps and every pixel")
    else:
        console.line(f"differs: {found.step}: {found.cause}: {found.message}.")
