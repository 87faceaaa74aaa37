"""What a user can type after `python main.py`, and the sentences for what they mistype."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from engine.cli.amounts import read_size
from engine.cli.machine import resolved
from engine.errors import EngineError
from engine.received import numerics_of
from engine.store import LIMIT

NUMERICS = ("auto", "fast", "reference")
_FORMERLY = {"float32": "reference", "bfloat16": "fast"}
BACKENDS = ("inline", "process")
_DEVICE = re.compile(r"cpu|mps|cuda(:\d{1,3})?")
_ABOUT = """Run workflows of latent diffusion nodes.

  python main.py --workflow workflows/inpaint.json
  python main.py --workflow workflows/inpaint.json --set prompt="a red sphere" --count 4
  python main.py cache --help      look after the store of computed results
  python main.py                   open the editor, on http://127.0.0.1:8288"""
_EXITS = "exit codes: 0 done, 1 a step failed, 2 the workflow or the arguments are wrong, \
130 interrupted"


class UsageError(EngineError):
    """The arguments make no sense together or one by one."""


@dataclass(frozen=True)
class Arguments:
    """The arguments, typed; paths are as the user wrote them."""

    workflow: Path | None
    changes: tuple[str, ...]
    output: Path
    count: int
    check: bool
    plan: bool
    json: bool
    models: tuple[Path, ...]
    inputs: tuple[Path, ...]
    store: Path
    store_limit: int | None
    cache: bool
    device: str
    numerics: str
    backend: str
    workers: int
    nodes: str | None
    inspect: Path | None
    schema: bool
    verify: Path | None
    strip_metadata: bool
    check_mutation: bool
    debug: bool
    listen: str
    port: int
    token_file: Path | None
    browser: bool
    dev: bool
    data: Path
    library: Path

    @property
    def serves(self) -> bool:
        """Whether there is nothing else to do than to serve."""
        others = (self.workflow, self.inspect, self.verify, self.schema or None, self.nodes)
        return all(other is None for other in others)


class Parser(argparse.ArgumentParser):
    """Raises instead of printing usage and leaving."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one sentence."""
        raise UsageError(f"{message}; --help lists what is allowed.")


def read_arguments(argv: Sequence[str], home: Path) -> Arguments:
    """Read the command line.

    Args:
        argv: The words after the program's name.
        home: Folder of main.py, where `models/` is by default.

    Raises:
        UsageError: With one sentence about the first wrong argument.
    """
    found = _parser().parse_args(argv)
    models = tuple(found.models or [home / "models"])
    if missing := [folder for folder in found.models or () if not os.path.isdir(folder)]:
        raise UsageError(f"--models {missing[0]} is no folder; give an existing one.")
    if os.path.exists(found.output) and not os.path.isdir(found.output):
        raise UsageError(f"--output {found.output} is a file; name a folder.")
    if found.verify and (found.workflow or found.check or found.plan or found.set):
        raise UsageError("--verify takes its workflow from the picture; leave the others out.")
    if found.workflow is None and (found.check or found.plan or found.set):
        raise UsageError("--check, --plan and --set need a workflow; add --workflow FILE.")
    if found.check and found.plan:
        raise UsageError("--check and --plan exclude each other; --plan checks first.")
    arguments = Arguments(
        workflow=found.workflow,
        changes=tuple(found.set),
        output=found.output,
        count=found.count,
        check=found.check,
        plan=found.plan,
        json=found.json,
        models=models,
        inputs=_inputs(found, home),
        store=found.store,
        store_limit=found.store_limit,
        cache=not found.no_cache,
        device=found.device,
        numerics=_numerics_of(found),
        backend=found.backend,
        workers=found.workers,
        nodes=found.nodes,
        inspect=found.inspect,
        schema=found.schema,
        verify=found.verify,
        strip_metadata=found.strip_metadata,
        check_mutation=found.check_mutation,
        debug=found.debug,
        listen=found.listen,
        port=found.port,
        token_file=found.token_file,
        browser=not found.no_browser,
        dev=found.dev,
        data=found.data or found.store / "server",
        library=found.workflows or home / "workflows",
    )
    if arguments.dev and not arguments.serves:
        raise UsageError("--dev is for serving; leave the workflow and the other commands out.")
    return arguments


def _numerics_of(found: argparse.Namespace) -> str:
    """What is asked for; else what the picture was made with, which is to be made again."""
    recorded = numerics_of(found.workflow) if _is_picture(found.workflow) else None
    if found.numerics is None and recorded in NUMERICS:
        return str(recorded)
    return resolved(found.numerics or NUMERICS[0], found.device)


def _is_picture(file: Path | None) -> bool:
    return file is not None and file.suffix.lower() == ".png"


def _inputs(found: argparse.Namespace, home: Path) -> tuple[Path, ...]:
    """Where input files are: a picture lies in the output folder, where nobody keeps them."""
    picture = _is_picture(found.verify or found.workflow)
    return tuple(found.inputs or ([home / "workflows"] if picture else []))


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python main.py",
        description=_ABOUT,
        epilog=_EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    run = parser.add_argument_group("run a workflow")
    _add(run, "--workflow", "FILE", "the workflow to run, or a picture that carries one",
         type=Path)  # fmt: skip
    _add(run, "--set", "NAME=VALUE", "set a parameter, or node.input; repeatable",
         action="append", default=[])  # fmt: skip
    _add(run, "--output", "DIR", "where results go (default output/)", type=Path, default="output")
    _add(run, "--count", "N", "run N times with seed, seed + 1, ...", type=_count, default=1)
    _add(run, "--models", "DIR", "where models are (default models/); repeatable",
         type=Path, action="append")  # fmt: skip
    _add(run, "--inputs", "DIR", "where input files are, besides the folder of the workflow and \
input/ (for a picture default workflows/); repeatable", type=Path, action="append")  # fmt: skip
    add_store(run)
    _add(run, "--device", "NAME", "cpu (default), cuda, cuda:1, mps", type=_device, default="cpu")
    _add(run, "--numerics", None, "how exactly to compute: reference; fast, in lower precision; \
auto (default), fast for what is large where the machine gains by it; a picture's own",
         choices=NUMERICS, type=_numerics)  # fmt: skip
    _add(run, "--backend", None, "inline (default), or process: steps compute in one that \
may crash without ending the run", choices=BACKENDS, default=BACKENDS[0])  # fmt: skip
    _add(run, "--workers", "N", "compute N steps at once, sharing the cores (default 1)",
         type=_count, default=1)  # fmt: skip
    _flag(run, "--no-cache", "compute everything anew")
    _flag(run, "--strip-metadata", "save pictures that do not tell how they were made")
    _add_serving(parser)
    look = parser.add_argument_group("look before you run")
    _flag(look, "--check", "list all problems, load nothing")
    _flag(look, "--plan", "show what would run, what is cached, and why")
    _add(look, "--verify", "PICTURE", "make a saved picture again; identical, or what differs \
first and why", type=Path)  # fmt: skip
    _add(look, "--nodes", "TYPE", "list the node types, or show one", nargs="?", const="")
    _add(look, "--inspect", "FILE", "show what a model file holds, and how that is known",
         type=Path)  # fmt: skip
    _flag(look, "--schema", "print the JSON Schema of workflow files")
    _flag(parser, "--json", "one JSON object per line instead of text")
    _flag(parser, "--check-mutation", "fail a step that changes the value of an input (slow)")
    _flag(parser, "--debug", "show the traceback when a node breaks")
    return parser


def _add_serving(parser: Parser) -> None:
    serve = parser.add_argument_group("serve, when there is nothing else to do")
    _add(serve, "--listen", "HOST", "address to listen on (default 127.0.0.1); any other than this \
machine needs --token-file", default="127.0.0.1")  # fmt: skip
    _add(serve, "--port", "N", "port to listen on (default 8288; 0 takes a free one)",
         type=_port, default=8288)  # fmt: skip
    _add(serve, "--token-file", "FILE", "ask for the token in it; made if it is not there",
         type=Path)  # fmt: skip
    _flag(serve, "--no-browser", "do not open the browser")
    _flag(serve, "--dev", "serve the page from its sources, changing as they are saved")
    _add(serve, "--workflows", "DIR", "the library of workflows (default workflows/)", type=Path)
    _add(serve, "--data", "DIR", "where the queue and its history are kept (default in the store)",
         type=Path)  # fmt: skip


def add_store(to: argparse._ActionsContainer) -> None:
    """Let a command take a store and its limit."""
    _add(to, "--store", "DIR", "where computed results are kept (default .latentgraph/)",
         type=Path, default=".latentgraph")  # fmt: skip
    _add(to, "--store-limit", "SIZE", "room they may take, such as 500MB (default 20GB), or none",
         type=_size, default=LIMIT)  # fmt: skip


def _add(
    to: argparse._ActionsContainer, name: str, metavar: str | None, text: str, **more: Any
) -> None:
    to.add_argument(name, metavar=metavar, help=text, **more)


def _flag(to: argparse._ActionsContainer, name: str, text: str) -> None:
    to.add_argument(name, action="store_true", help=text)


def _count(text: str) -> int:
    if not re.fullmatch(r"\d{1,5}", text) or int(text) == 0:
        raise argparse.ArgumentTypeError(f'expected a whole number from 1 to 99999, got "{text}"')
    return int(text)


def _numerics(text: str) -> str:
    return _FORMERLY.get(text, text)


def _port(text: str) -> int:
    if not re.fullmatch(r"\d{1,5}", text) or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f'expected a port from 0 to 65535, got "{text}"')
    return int(text)


def _size(text: str) -> int | None:
    try:
        return read_size(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _device(text: str) -> str:
    if not _DEVICE.fullmatch(text):
        raise argparse.ArgumentTypeError(f'expected cpu, cuda, cuda:1 or mps, got "{text}"')
    return text
