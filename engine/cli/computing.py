"""From the arguments to where and how steps compute."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from engine.backends.backend import Backend
from engine.backends.inline import InlineBackend
from engine.backends.process import ProcessBackend
from engine.backends.wire import Setup
from engine.cache import Cache
from engine.cli.arguments import Arguments
from engine.files import Files
from engine.maker import cores
from engine.node import Settings
from engine.ports import Root
from engine.ready import LIMITS
from engine.registry import Registry
from engine.workflow import Workflow

WORKER = "--worker"
"""The only argument of a worker process; people have no use for it."""


def limits_of(arguments: Arguments) -> Mapping[str, int]:
    """How many steps at once may use each resource."""
    return {**LIMITS, "compute": arguments.workers}


def settings_of(arguments: Arguments) -> Settings:
    """How a step computes: several at once share the processor's cores among them.

    One at a time has all cores, and the number of threads its library chooses: sums are taken in
    another order with another number of threads, so results are equal bit by bit only within one.
    """
    threads = max(1, cores() // arguments.workers) if arguments.workers > 1 else None
    return Settings(arguments.device, arguments.numerics, threads)


def files_of(arguments: Arguments, workflow: Workflow, digest_of: Callable[[Path], str]) -> Files:
    """Where the files that a workflow names may be."""
    inputs = (workflow.folder or Path.cwd(), Path("input"), *arguments.inputs)
    roots: Mapping[Root, Sequence[Path]] = {"inputs": inputs, "models": arguments.models}
    return Files(roots, digest_of)


def make_backend(
    arguments: Arguments, registry: Registry, cache: Cache, memory_bytes: int
) -> Backend:
    """Make the backend asked for; nothing is started before the first step."""
    threads, strict = sum(limits_of(arguments).values()), arguments.check_mutation
    if arguments.backend == "inline":
        return InlineBackend(registry, cache, threads, check_mutation=strict)
    command = [sys.executable, str(Path(sys.argv[0]).resolve()), WORKER]
    setup = Setup.of(cache, memory_bytes, threads, check_mutation=strict)
    return ProcessBackend(command, setup)
