"""Why a step runs or does not, in words: the sentences of a plan and of `cache explain`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from engine.verdict import shown

STORED = "its result is in the store"
UNREAD = "the cache is not read in this run"
NEVER = "not computed before with these inputs"
GONE = "its result is gone from the store and a step that runs reads it"
VOLATILE = "runs every time (volatile)"
UNDECIDED = "a step that is not decided yet may ask for it"
NOT_NEEDED = "no result of this workflow needs it"
NOT_READ = "what reads it is in the store"

_NAMES = {
    "act": "form of keys",
    "op": "node",
    "version": "version",
    "numerics": "numerics",
    "target": "output folder",
}


def depends_on(steps: Iterable[str]) -> str:
    """Name the steps that have to run first."""
    return f"depends on {', '.join(steps)}"


def file_damaged(path: Path) -> str:
    """Name a saved file that is not as the step left it."""
    return f"{path} is missing or was changed"


def changes(
    before: Mapping[str, Any],
    now: Mapping[str, Any],
    sources_before: Mapping[str, str],
    sources: Mapping[str, str],
) -> Iterator[str]:
    """Say what differs between two steps, one sentence for each input.

    Args:
        before: What the earlier one computed from (`keys.described_inputs`).
        now: What the step computes from now.
        sources_before: What was written at each file and link: a file's name, `step.output`.
        sources: What is written there now.
    """
    for name, word in _NAMES.items():
        if before.get(name) != now.get(name):
            yield f"{word} {_plain(before.get(name))} -> {_plain(now.get(name))}"
    if before.get("op") != now["op"]:
        return  # the inputs of another node compare to nothing
    old, new = _inputs(before), _inputs(now)
    for name in [*new, *(name for name in old if name not in new)]:
        if name not in old or name not in new or old[name] != new[name]:
            was = _written(name, old, sources_before)
            yield _changed(name, was, _written(name, new, sources), new.get(name))


def _inputs(described: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings and links by port; a port is one or the other, so links are marked."""
    links = {name: _Brought(found) for name, found in described.get("inputs", {}).items()}
    return {**described.get("settings", {}), **links}


class _Brought(list[Any]):
    """What a link brings, as opposed to a literal."""


def _written(name: str, inputs: Mapping[str, Any], sources: Mapping[str, str]) -> str:
    """Show what stands at an input: the literal, the file's name, or the links."""
    if name not in inputs:
        return "not linked"
    if isinstance(inputs[name], _Brought):
        return f"linked to {sources[name]}" if name in sources else "linked"
    if isinstance(inputs[name], Mapping):
        return shown(sources[name]) if name in sources else "another file"
    return shown(inputs[name])


def _changed(name: str, was: str, now: str, value: Any) -> str:
    if was != now:
        return f"{name} was {was}, is {now}"
    if isinstance(value, Mapping):
        return f"the file of {name} changed ({now})"
    return f"{name} brings another value"


def _plain(value: Any) -> str:
    return "none" if value is None else str(value)
