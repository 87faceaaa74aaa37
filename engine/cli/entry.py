"""`main.py cache explain|pin|unpin KEY`: one result, or one content, named by its first digits."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from engine.cli.amounts import counted, seconds_text, size_text, time_text
from engine.cli.console import Console
from engine.errors import EngineError
from engine.records import Record, Value
from engine.store import Store
from engine.verdict import shown

_PREFIX = re.compile(r"[0-9a-f]{6,64}")
_SHORT = 12  # digits that tell two digests apart, for people


def explain(store: Store, console: Console, prefix: str) -> None:
    """Tell what a result was computed from, and what there is of it.

    Raises:
        EngineError: When no result or content, or more than one, begins with these digits.
    """
    store.upkeep.survey()
    name = _the_one(store, prefix)
    record = store.record(name)
    body = _about_record(store, record) if record else _about_content(store, name)
    if console.as_json:
        console.data({"event": "explain", **body})
        return
    for line in _record_told(body) if record else _content_told(body):
        console.line(line)


def pin(store: Store, console: Console, prefix: str, reason: str) -> None:
    """Keep a result or a content, whatever the limit.

    Raises:
        EngineError: When there is no such thing, or the store cannot be written.
    """
    name = _the_one(store, prefix)
    try:
        store.pins.add(name, reason)
    except OSError as error:
        raise EngineError(f"the pin cannot be written ({error}).") from None
    _say(console, name, pinned=True)


def unpin(store: Store, console: Console, prefix: str) -> None:
    """Let go of what was pinned.

    Raises:
        EngineError: When nothing pinned, or more than one, begins with these digits.
    """
    digits = _digits(prefix)
    name = _only(digits, store.pins.beginning_with(digits), "nothing pinned")
    store.pins.remove(name)
    _say(console, name, pinned=False)


def _say(console: Console, name: str, *, pinned: bool) -> None:
    if console.as_json:
        console.data({"event": "pin", "key": name, "pinned": pinned})
    else:
        console.line(f"{'pinned' if pinned else 'unpinned'} {name}")


def _the_one(store: Store, prefix: str) -> str:
    digits = _digits(prefix)
    found = {*store.actions.beginning_with(digits), *store.contents.beginning_with(digits)}
    return _only(digits, sorted(found), "no result and no content")


def _digits(prefix: str) -> str:
    if not _PREFIX.fullmatch(prefix.lower()):
        message = f'"{prefix}" is no key; give at least 6 of its digits (0-9, a-f).'
        raise EngineError(message)
    return prefix.lower()


def _only(digits: str, names: list[str], nothing: str) -> str:
    if not names:
        message = f"{nothing} begins with {digits}; --plan --json lists the keys of a workflow."
        raise EngineError(message)
    if len(names) > 1:
        listed = ", ".join(name[: len(digits) + 6] for name in names[:5])
        raise EngineError(f"{len(names)} begin with {digits} ({listed}); give more digits.")
    return names[0]


def _about_record(store: Store, record: Record) -> dict[str, Any]:
    use = store.index.use_of_record(record.key)
    return {
        "key": record.key,
        "type": record.op,
        "version": record.version,
        "seconds": record.seconds,
        "made": use.made if use else None,
        "uses": use.uses if use else 0,
        "used": use.used if use else None,
        "pinned": store.pins.reason(record.key),
        "inputs": record.inputs,
        "outputs": {name: _about_value(store, v) for name, v in record.outputs.items()},
        "kept": {digest: store.has(digest) for digest in record.kept},
        "files": [f"{artifact.place}: {artifact.file}" for artifact in record.artifacts],
        "steps": [list(step) for step in _last_steps(store, record.key)],
    }


def _about_value(store: Store, value: Value) -> dict[str, Any]:
    inside = value.data is not None
    where = "record" if inside else "store" if store.has(value.digest) else "gone"
    return {
        "type": value.type,
        "digest": value.digest,
        "bytes": value.bytes,
        "facts": dict(value.facts),
        "where": where,
    }


def _about_content(store: Store, digest: str) -> dict[str, Any]:
    records = filter(None, map(store.record, store.actions))
    makers = [[r.key, r.op] for r in records if digest in r.blobs]
    size = store.contents.place(digest).stat().st_size
    return {
        "digest": digest,
        "bytes": size,
        "pinned": store.pins.reason(digest),
        "made_by": makers,
    }


def _last_steps(store: Store, key: str) -> Iterator[tuple[str, str]]:
    """The steps that had a key when their workflow last ran, with the path of the workflow."""
    for text in store.notes():
        try:
            note = json.loads(text)
            if note["key"] == key:
                yield note["workflow"], note["step"]
        except (ValueError, TypeError, KeyError):  # written by an older version
            continue


_PLACES = {
    "record": "inside the record",
    "store": "in the store",
    "gone": "not in the store any more; it is made again when a step reads it",
}


def _record_told(body: Mapping[str, Any]) -> Iterator[str]:
    yield f"key       {body['key']}"
    yield f"node      {body['type']} version {body['version']}"
    made = f"{time_text(body['made'])}, " if body["made"] else ""
    again = ""
    if body["uses"]:
        again = f"; used {counted(body['uses'], 'time')} since, last {time_text(body['used'])}"
    yield f"made      {made}in {seconds_text(body['seconds'])}{again}"
    yield f"pinned    {_pinned(body['pinned'])}"
    yield from _inputs_told(body["inputs"])
    for name, value in body["outputs"].items():
        what = f"{value['type']} {value['digest'][:_SHORT]}, {size_text(value['bytes'])}"
        yield _row("output", f"{name}: {what}, {_PLACES[value['where']]}")
    for digest, there in body["kept"].items():
        yield _row("kept", f"{digest[:_SHORT]}, {_PLACES['store' if there else 'gone']}")
    yield from (_row("saved", file) for file in body["files"])
    yield from (_row("last in", f"{step} of {workflow}") for workflow, step in body["steps"])


def _inputs_told(inputs: Mapping[str, Any]) -> Iterator[str]:
    """The settings and the values a result was computed from (`keys.described_inputs`)."""
    yield _row("numerics", str(inputs.get("numerics", "unknown")))
    for name, value in inputs.get("settings", {}).items():
        yield _row("setting", f"{name} = {shown(value)}")
    for name, brought in inputs.get("inputs", {}).items():
        yield _row("input", f"{name}: {_brought(brought)}")


def _brought(brought: Any) -> str:
    match brought:
        case [str(kind), str(digest)]:
            return f"{kind} {digest[:_SHORT]}"
        case [*several]:
            return ", ".join(map(_brought, several))
    return shown(brought)


def _content_told(body: Mapping[str, Any]) -> Iterator[str]:
    yield f"content   {body['digest']}, {size_text(body['bytes'])}"
    yield f"pinned    {_pinned(body['pinned'])}"
    yield from (_row("made by", f"{op}, key {key}") for key, op in body["made_by"])


def _pinned(reason: str | None) -> str:
    return "no" if reason is None else f"yes{f', {reason}' if reason else ''}"


def _row(name: str, text: str) -> str:
    return f"{name:9} {text}"
