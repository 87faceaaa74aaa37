"""Command line: `python -m engine.versions nodes.pack`, see `--help`."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from engine.errors import EngineError
from engine.registry import Registry
from engine.versions.code import Code
from engine.versions.lock import Guard, Lock

LOCK = "versions.lock.json"
AGREED, DISAGREED, WRONG = 0, 1, 2


def guard_of(pack: str) -> tuple[Guard, Path]:
    """Return the guard of a pack of nodes, and where its lock file is.

    Args:
        pack: Dotted name of a module whose MODULES lists those that declare nodes, `nodes.pack`.

    Raises:
        EngineError: When there is no such module.
    """
    modules = getattr(_imported(pack), "MODULES", None)
    if modules is None:
        raise EngineError(f"{pack} has no MODULES; name the module that lists those with nodes.")
    package = pack.partition(".")[0]
    folder = Path(_imported(package).__path__[0])
    nodes = {node.name: node for node in Registry.of_modules(modules)}
    path = folder / LOCK
    command = f"python -m engine.versions {pack}"
    return Guard(nodes, Code(package, folder), Lock.read(path), command), path


def main(words: Sequence[str] | None = None) -> int:
    """Compare or write a lock, and return the exit code."""
    arguments = _arguments(words)
    try:
        guard, path = guard_of(arguments.pack)
        if arguments.write or arguments.same_results:
            path.write_text(guard.written(arguments.same_results).to_text())
            sys.stdout.write(f"{path}: {len(guard.nodes)} nodes locked\n")
            return AGREED
        report = guard.report()
    except EngineError as error:
        sys.stderr.write(f"{error}\n")
        return WRONG
    sys.stdout.write(f"{report or f'{len(guard.nodes)} nodes agree with {path}'}\n")
    return DISAGREED if report else AGREED


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m engine.versions",
        description="Say which nodes changed in code but not in version.",
    )
    parser.add_argument("pack", help="module that lists the node modules, such as nodes.pack")
    parser.add_argument(
        "--write", action="store_true", help="lock new nodes, raised versions and removed nodes"
    )
    parser.add_argument(
        "--same-results",
        metavar="WHY",
        default="",
        help="lock changed code under the old versions, as it gives the same results",
    )
    return parser.parse_args(words)


def _imported(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise EngineError(f"{name} cannot be imported ({error}); is it the right name?") from None


if __name__ == "__main__":
    sys.exit(main())
