"""`python main.py` without a workflow: the pieces of the server, made from the arguments."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from engine.cache import Cache
from engine.cli.arguments import Arguments, UsageError
from engine.cli.computing import limits_of, make_backend, settings_of
from engine.cli.console import Console
from engine.cli.exits import DONE
from engine.cli.page import BuiltPage
from engine.files import Files
from engine.library import Library
from engine.ports import Root
from engine.queue.lock import only_server
from engine.queue.queue import RunQueue
from engine.registry import Registry
from engine.runner import Runner
from engine.server.access import Access, is_loopback, read_token
from engine.server.app import make_app
from engine.server.desk import Desk
from engine.server.door import bind
from engine.server.examiner import Examiner
from engine.server.feed import Feed
from engine.server.page import Page
from engine.server.places import refuse_overlaps
from engine.server.private import Private
from engine.server.serve import open_browser, serve, url_of
from engine.server.services import Services
from engine.server.teller import Teller
from engine.store import Store
from engine.workshop import Workshop

MEMORY_BYTES = 1_000_000_000
_GOODBYE = 5.0
_INPUTS = Path("input")
_CODE = ("engine", "nodes", "editor", "web")


def serve_workflows(
    arguments: Arguments,
    console: Console,
    home: Path,
    registry: Registry,
    store: Store,
    cache: Cache,
    check_picture: Callable[[Path], None],
    page: BuiltPage | None,
) -> int:
    """Serve until somebody stops it; returns the exit code.

    Raises:
        EngineError: When it may not be opened like this, or another serves the same folder.
    """
    token = _token(arguments)
    _refuse_overlaps(arguments, home)
    if page and not arguments.dev:
        page.prepare(console.complain)
    listening = bind(arguments.listen, arguments.port)
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.closing(listening))
        stack.enter_context(only_server(arguments.data, "on this machine"))
        access = Access.of(arguments.listen, listening.getsockname()[1], token)
        url = url_of(access, arguments.listen)
        if arguments.dev:
            access, url = _in_front(stack, page, access, arguments, console)
        queue = _open_queue(arguments, console)
        shop = _workshop(arguments, registry, store, cache)
        teller = Teller(queue, Feed(secrets.token_hex(8)), _private(arguments))
        runner = Runner(queue, shop, teller.hear, teller.changed)
        services = Services(
            registry=registry,
            desk=Desk(queue, teller, Examiner(shop), runner.cancel),
            library=Library(arguments.library),
            inputs=_INPUTS,
            pictures=_input_folders(arguments),
            output=arguments.output,
            models=arguments.models,
            check_picture=check_picture,
            page=Page.read(page.folder, page.advice) if page else Page.read(None),
        )
        with contextlib.closing(queue), contextlib.closing(shop.backend), _working(runner):
            serve(make_app(services, access), listening, lambda: _tell(arguments, console, url))
    return DONE


def _in_front(
    stack: contextlib.ExitStack,
    page: BuiltPage | None,
    access: Access,
    arguments: Arguments,
    console: Console,
) -> tuple[Access, str]:
    """Have the page served from its sources in front of this server; return where that is."""
    if page is None or not is_loopback(arguments.listen):
        raise UsageError("--dev shows a page to this machine only; leave --listen out.")
    try:
        port = stack.enter_context(page.developed(access.port, console.complain))
    except RuntimeError as error:
        raise UsageError(str(error)) from None
    return access.behind(port), f"http://127.0.0.1:{port}/"


@contextlib.contextmanager
def _working(runner: Runner) -> Iterator[None]:
    """Work on the queue during the block; a run that computes then waits for the next start."""
    runner.start()
    try:
        yield
    finally:
        runner.stop(_GOODBYE)


def _open_queue(arguments: Arguments, console: Console) -> RunQueue:
    queue = RunQueue(arguments.data / "queue.sqlite")
    if queue.set_aside:
        console.warn(f"the queue was damaged and is now {queue.set_aside}; it starts empty.")
    return queue


def _workshop(arguments: Arguments, registry: Registry, store: Store, cache: Cache) -> Workshop:
    inputs = _input_folders(arguments)
    roots: Mapping[Root, Sequence[Path]] = {"inputs": inputs, "models": arguments.models}
    apart = replace(arguments, backend="process")  # a step may crash, and torch stays out of here
    return Workshop(
        registry=registry,
        files=Files(roots, store.digest_of),
        cache=cache,
        backend=make_backend(apart, registry, cache, MEMORY_BYTES),
        settings=settings_of(arguments),
        limits=limits_of(arguments),
    )


def _input_folders(arguments: Arguments) -> tuple[Path, ...]:
    return (arguments.library, _INPUTS, *arguments.inputs)


def _private(arguments: Arguments) -> Private:
    models = {f"models{number or ''}": path for number, path in enumerate(arguments.models)}
    folders = {"output": arguments.output, "input": _INPUTS, "store": arguments.store}
    return Private({**folders, "workflows": arguments.library, **models})


def _token(arguments: Arguments) -> str | None:
    if arguments.token_file:
        return read_token(arguments.token_file)
    if not is_loopback(arguments.listen):
        raise UsageError(
            f"--listen {arguments.listen} lets other machines in, who could run and read"
            " everything; add --token-file FILE (it is made if it is not there)."
        )
    return None


def _refuse_overlaps(arguments: Arguments, home: Path) -> None:
    written = {"inputs": _INPUTS, "results": arguments.output, "workflows": arguments.library}
    code = {f"{name}/": home / name for name in _CODE}
    read = {"the store": arguments.store, "the queue": arguments.data, **code}
    models = {f"models ({folder})": folder for folder in arguments.models}
    refuse_overlaps(written, {**read, **models})


def _tell(arguments: Arguments, console: Console, url: str) -> None:
    if console.as_json:
        console.data({"event": "serving", "url": url})
    else:
        console.line(f"Latentgraph is at {url} (Ctrl-C stops it)")
    if arguments.browser:
        open_browser(url)
