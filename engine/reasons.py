"""Why a step runs or does not, in words: the sentences of a plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.verdict import shown

STORED = "its result is in the store"
UNREAD = "the cache is not read in this run"
NEVER = "not computed before with these inputs"
GONE = "its result is gone from the store and a step that runs reads it"
VOLATILE = "runs every time (volatile)"
UNDECIDED = "a step that is not decided yet may ask for it"
FILE_OF_ANOTHER = "the file it saved belongs to an equal step of this run"
NOT_NEEDED = "no result of this workflow needs it"
NOT_READ = "what reads it is in the store"

RECIPE = "what it was made by changed, and the file tells it"

_WORDS = {
    "act": "form of keys",
    "op": "node",
    "version": "version",
    "numerics": "numerics",
    "target": "output folder",
}
_BEFORE, _LENGTH = 20, 50  # of a long text: characters shown before its first change, and in all


@dataclass(frozen=True)
class Basis:
    """What a step computes from.

    Attributes:
        described: The contents (`keys.described_inputs`).
        sources: What is written at its files and links: a file's name, `step.output`.
    """

    described: Mapping[str, Any]
    sources: Mapping[str, str]


def depends_on(steps: Iterable[str]) -> str:
    """Name the steps that have to run first."""
    return f"depends on {', '.join(steps)}"


def file_damaged(path: Path) -> str:
    """Name a saved file that is not as the step left it."""
    return f"{path} is missing or was changed"


def changes(before: Basis, now: Basis) -> Iterator[str]:
    """Say what differs between two computations of a step, one sentence for each input."""
    old, new = before.described, now.described
    for name, word in _WORDS.items():
        if old.get(name) != new.get(name):
            yield f"{word} {_or_none(old.get(name))} -> {_or_none(new.get(name))}"
    if old.get("op") == new["op"]:  # else the inputs of another node compare to nothing
        found = [*_changed_settings(before, now), *_changed_links(before, now)]
        yield from found
        if not found and old.get("recipe") != new.get("recipe"):
            yield RECIPE


def _changed_settings(before: Basis, now: Basis) -> Iterator[str]:
    old, new = before.described.get("settings", {}), now.described["settings"]
    for name, value in new.items():
        if name not in old:
            yield f"{name} was {_source(name, before)}, is {_literal(name, value, now)}"
        elif isinstance(value, Mapping) and old[name] != value:
            yield _changed_file(name, _literal(name, old[name], before), _source(name, now))
        elif type(old[name]) is not type(value) or old[name] != value:
            was, is_now = _apart(old[name], value)
            yield f"{name} was {was}, is {is_now}"


def _changed_links(before: Basis, now: Basis) -> Iterator[str]:
    settings = before.described.get("settings", {})
    old, new = before.described.get("inputs", {}), now.described["inputs"]
    for name in dict.fromkeys([*new, *old]):
        if old.get(name) == new.get(name) or name in now.described["settings"]:
            continue
        was = _literal(name, settings[name], before) if name in settings else _source(name, before)
        is_now = _source(name, now)
        same = was == is_now
        yield f"{name} brings another value" if same else f"{name} was {was}, is {is_now}"


def _changed_file(name: str, was: str, is_now: str) -> str:
    if was == is_now:
        return f"the file of {name} changed ({is_now})"
    return f"{name} was {was}, is {is_now}"


def _literal(name: str, value: Any, basis: Basis) -> str:
    return _source(name, basis) if isinstance(value, Mapping) else shown(value)


def _source(name: str, basis: Basis) -> str:
    """Show what is written at a file or a link."""
    if name not in basis.sources:
        return "not linked"
    if name in basis.described.get("inputs", {}):
        return f"linked to {basis.sources[name]}"
    return shown(basis.sources[name])


def _apart(old: Any, new: Any) -> tuple[str, str]:
    """Show two literals; of long texts the part where they begin to differ."""
    if shown(old) != shown(new):
        return shown(old), shown(new)
    texts = str(old), str(new)
    pairs = enumerate(zip(*texts, strict=False))
    first = next((place for place, (a, b) in pairs if a != b), min(map(len, texts)))
    start = max(0, first - _BEFORE)
    was, is_now = (shown(f"...{text[start : start + _LENGTH]}") for text in texts)
    return was, is_now


def _or_none(value: Any) -> str:
    return "none" if value is None else str(value)
