"""`main.py --inspect FILE`: what the nodes that take such a file make of it, and who says so."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from engine.cli.console import Console
from engine.errors import EngineError, reason
from engine.ports import File, Told
from engine.registry import Registry


def inspect_file(console: Console, registry: Registry, file: Path, roots: Sequence[Path]) -> None:
    """Print the facts of a file, each with its source; headers are read at most.

    Args:
        console: Where to.
        registry: The nodes, whose file inputs know what they take.
        file: A path, or a name below one of the roots.
        roots: The model folders.

    Raises:
        EngineError: There is no such file, no node takes its kind, or none can use it.
    """
    path = next(
        (place for place in (file, *(r / file for r in roots)) if os.path.isfile(place)), None
    )
    if path is None:
        raise EngineError(f"{file} was not found, nor below {', '.join(map(str, roots))}.")
    known = list(_marks(registry))
    marks = [mark for mark in known if mark.takes(path.name)]
    if not marks:
        kinds = ", ".join(sorted({suffix for mark in known for suffix in mark.suffixes}))
        remedy = next(filter(None, (mark.remedy(path.name) for mark in known)), "")
        said = remedy or f"--inspect knows {kinds} files; give one of those"
        raise EngineError(f"{path.name}: {said}.")
    told = _first_told(path, marks)
    if console.as_json:
        facts = [fact._asdict() for fact in told]
        console.data({"event": "inspect", "file": str(path), "facts": facts})
        return
    width = max(len(fact.fact) for fact in told)
    for fact in told:
        source = f"  ({fact.source})" if fact.source else ""
        console.line(f"{fact.fact:{width}}  {fact.value}{source}")


def _marks(registry: Registry) -> Iterator[File]:
    """What each file input of each node takes; those that can tell about a file."""
    seen = set()
    for node in registry:
        for port in node.inputs.values():
            if port.file and port.file.tell and port.file not in seen:
                seen.add(port.file)
                yield port.file


def _first_told(path: Path, marks: Sequence[File]) -> list[Told]:
    """What the first that accepts the file tells; else why the first does not."""
    refused: list[str] = []
    for mark in marks:
        try:
            return list(mark.tell(path)) if mark.tell else []
        except (ValueError, OSError) as error:
            refused.append(reason(error) if isinstance(error, OSError) else str(error))
    raise EngineError(refused[0])
