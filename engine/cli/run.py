"""The one path from arguments to an exit code."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.backends.worker import serve
from engine.cache import Cache
from engine.changes import apply_changes, seeds, shifted
from engine.check import Checked, check
from engine.cli.arguments import Arguments, read_arguments
from engine.cli.cache import is_about_cache, look_after_cache, show_freed
from engine.cli.computing import WORKER, files_of, limits_of, make_backend, settings_of
from engine.cli.console import Console, JsonLines, PlainLines
from engine.cli.exits import DONE, FAILED, INTERRUPTED, WRONG
from engine.cli.inspect import inspect_file
from engine.cli.page import BuiltPage
from engine.cli.show import show_nodes, show_plan, show_problems, show_schema, show_warnings
from engine.cli.signals import cancelled_by_signals
from engine.cli.verify import verify_picture
from engine.errors import EngineError, StoreError
from engine.events import Listener
from engine.history import History
from engine.memory import Memory, Resources
from engine.migrate import up_to_date
from engine.outcome import Status
from engine.outlook import outlook
from engine.plan import make_plan
from engine.problems import Problem
from engine.records import Place
from engine.registry import Registry
from engine.results import Results
from engine.store import Store
from engine.workflow import Workflow, load
from engine.workshop import Workshop

MEMORY_BYTES = 1_000_000_000
_EXIT_OF: dict[Status, int] = {"done": DONE, "failed": FAILED, "cancelled": INTERRUPTED}


def run_command_line(  # noqa: PLR0911 - one way out for each way it can end
    argv: Sequence[str],
    home: Path,
    make_registry: Callable[[], Registry],
    check_picture: Callable[[Path], None] = lambda path: None,
    make_page: Callable[[], BuiltPage | None] = lambda: None,
) -> int:
    """Do what the arguments ask and return the exit code.

    Args:
        argv: The words after the program's name.
        home: Folder of main.py, where `models/` is by default.
        make_registry: Imports the nodes; called once the arguments are understood.
        check_picture: Raises ValueError when an uploaded file is no picture or too large a one.
        make_page: Makes what a browser gets; called only to serve.
    """
    if list(argv) == [WORKER]:
        serve(make_registry)
    console = Console(as_json="--json" in argv, debug="--debug" in argv)
    try:
        if is_about_cache(argv):
            return look_after_cache(argv, console)
        arguments = read_arguments(argv, home)
        with contextlib.ExitStack() as stack:
            if not arguments.serves:
                return _dispatch(arguments, console, make_registry, stack)
            session = _session(arguments, console, make_registry, stack)
            return session.serve(home, check_picture, make_page())
    except EngineError as error:
        console.error(str(error))
        return WRONG
    except KeyboardInterrupt:
        console.error("interrupted; what is finished stays cached.")
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has left, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), console.out.fileno())
        return FAILED
    except Exception as error:
        if console.debug:
            raise
        kind = type(error).__name__
        console.error(f"{kind}: {error}; this is a fault of Latentgraph, --debug shows where.")
        return FAILED


def _dispatch(
    arguments: Arguments,
    console: Console,
    make_registry: Callable[[], Registry],
    stack: contextlib.ExitStack,
) -> int:
    if arguments.nodes is not None:
        show_nodes(console, make_registry(), arguments.nodes)
        return DONE
    if arguments.inspect:
        inspect_file(console, make_registry(), arguments.inspect, arguments.models)
        return DONE
    if arguments.schema:
        show_schema(console, make_registry())
        return DONE
    if arguments.verify:
        return verify_picture(arguments, console, make_registry(), arguments.verify)
    assert arguments.workflow is not None  # noqa: S101 - else it serves
    workflow = load(arguments.workflow)
    registry = make_registry()
    workflow, outdated = up_to_date(workflow, registry)
    workflow, problems = apply_changes(workflow, arguments.changes, registry)
    session = _session(arguments, console, lambda: registry, stack)
    return session.run(workflow, [*outdated, *problems])


def _session(
    arguments: Arguments,
    console: Console,
    make_registry: Callable[[], Registry],
    stack: contextlib.ExitStack,
) -> Session:
    store = _open_store(arguments, console, stack)
    return Session(arguments, console, make_registry(), store)


def _open_store(arguments: Arguments, console: Console, stack: contextlib.ExitStack) -> Store:
    """Open the store, or one that lasts as long as this process when it cannot be used."""
    try:
        return Store(arguments.store, arguments.store_limit)
    except StoreError as error:
        console.warn(f"{error} This run keeps nothing.")
        return Store(Path(stack.enter_context(tempfile.TemporaryDirectory())))


@dataclass(frozen=True)
class Session:
    """What the runs of one command share."""

    arguments: Arguments
    console: Console
    registry: Registry
    store: Store

    def run(self, workflow: Workflow, problems: list[Problem]) -> int:
        """Check, then plan or run, as asked."""
        checked = self._check(workflow)
        found = [*problems, *checked.problems]
        wrong = bool(problems) or checked.graph is None
        if wrong or checked.graph is None or self.arguments.check:
            show_problems(self.console, found)
            return WRONG if wrong else DONE
        show_warnings(self.console, checked.warnings)
        cache = self._cache()
        if self.arguments.plan:
            settings = settings_of(self.arguments)
            history = History(self.store, workflow.path, settings=settings)
            plan = make_plan(checked.graph, cache, self.arguments.numerics, history)
            show_plan(self.console, plan, outlook(plan, settings))
            return DONE
        return self._run_all(workflow, checked, cache)

    def serve(
        self, home: Path, check_picture: Callable[[Path], None], page: BuiltPage | None
    ) -> int:
        """Serve over HTTP until somebody stops it."""
        from engine.cli.serve import serve_workflows  # noqa: PLC0415 - aiohttp only to serve

        return serve_workflows(
            self.arguments, self.console, home, self.registry, self.store, self._cache(),
            check_picture, page,
        )  # fmt: skip

    def _run_all(self, workflow: Workflow, checked: Checked, cache: Cache) -> int:
        """Run once per seed; the first failure or interruption ends it."""
        assert checked.graph is not None  # noqa: S101 - there were no problems
        found = seeds(checked.graph)
        if self.arguments.count > 1 and not found:
            self.console.warn("no input is a seed, so all runs are equal.")
        backend = make_backend(self.arguments, self.registry, cache, MEMORY_BYTES)
        files = files_of(self.arguments, workflow, self.store.digest_of)
        settings, limits = settings_of(self.arguments), limits_of(self.arguments)
        history = History(self.store, workflow.path, settings=settings)
        shop = Workshop(self.registry, files, cache, backend, settings, limits)
        with contextlib.closing(backend):
            for number in range(self.arguments.count):
                varied = (
                    self._check(workflow.with_inputs(shifted(found, number))) if number else checked
                )
                if varied.graph is None:  # a file has gone meanwhile, or a seed left its bounds
                    show_problems(self.console, varied.problems)
                    return FAILED
                exit_code = self._run_once(varied, shop, history)
                if exit_code != DONE:
                    return exit_code
        return DONE

    def _run_once(self, checked: Checked, shop: Workshop, history: History) -> int:
        assert checked.graph is not None  # noqa: S101 - there were no problems
        try:
            with (
                self._listener() as listen,
                shop.running(checked.graph, history, listen) as run,
                cancelled_by_signals(run),
            ):
                outcome = run.execute()
        except KeyboardInterrupt:  # asked twice: a step does not stop by itself
            os._exit(INTERRUPTED)
        if freed := self.store.settle():
            show_freed(self.console, freed)
        return _EXIT_OF[outcome.status]

    def _check(self, workflow: Workflow) -> Checked:
        files = files_of(self.arguments, workflow, self.store.digest_of)
        return check(workflow, self.registry, files)

    def _cache(self) -> Cache:
        places: dict[Place, Path] = {"output": self.arguments.output, "preview": self.store.preview}
        results = Results(places, receipts=not self.arguments.strip_metadata)
        memory, resources = Memory(MEMORY_BYTES), Resources()
        return Cache(self.store, results, memory, resources, reading=self.arguments.cache)

    def _listener(self) -> contextlib.AbstractContextManager[Listener]:
        if self.console.as_json:
            return JsonLines(self.console)
        if self.console.out.isatty():
            from engine.cli.bars import Bars  # noqa: PLC0415 - rich is only for terminals

            return Bars(self.console)
        return PlainLines(self.console)
