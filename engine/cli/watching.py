"""Long loops on a terminal: a bar while they run, nothing in pipes and logs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from engine.cli.console import Console

T = TypeVar("T")


def watched(console: Console, things: Sequence[T], name: str) -> Iterator[T]:
    """Go through things, with a bar that says how far it is."""
    if console.as_json or not console.out.isatty():
        yield from things
        return
    from rich.console import Console as RichConsole  # noqa: PLC0415 - only for terminals
    from rich.progress import track  # noqa: PLC0415

    rich = RichConsole(file=console.out)
    yield from track(things, description=name, console=rich, transient=True)
