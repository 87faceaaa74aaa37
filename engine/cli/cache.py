"""`main.py cache ...`: what is in the store, is it sound, make room, why is this result there."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.cli.amounts import counted, seconds_text, size_text, time_text
from engine.cli.arguments import Parser, UsageError, add_store
from engine.cli.console import Console
from engine.cli.entry import explain, pin, unpin
from engine.cli.exits import DONE, FAILED
from engine.cli.watching import watched
from engine.errors import EngineError
from engine.store import Store
from engine.store.eviction import Freed

_COMMANDS = {
    "stats": "count what is there: results, bytes, by node type",
    "verify": "compare every stored file with its digest; what differs is moved aside",
    "gc": "make room now, down to --store-limit, and sweep what is old",
    "explain": "tell what a result was computed from, and what there is of it",
    "pin": "keep a result or a content, whatever the limit",
    "unpin": "let go of it again",
}
_ABOUT = "\n".join(
    [
        "Look after the store of computed results.\n",
        *(f"  {name:8} {what}" for name, what in _COMMANDS.items()),
        "\nexamples: python main.py cache gc --store-limit 5GB",
        "          python main.py cache explain 4f2a91c3",
    ]
)
_KEYED = ("explain", "pin", "unpin")
_EXITS = "exit codes: 0 done, 1 verify found damage, 2 the arguments or the key are wrong"


@dataclass(frozen=True)
class _Asked:
    """What a cache command is to do."""

    command: str
    key: str
    store: Path
    limit: int | None
    reason: str


def is_about_cache(argv: Sequence[str]) -> bool:
    """Tell whether the command line is about the store and not about a workflow."""
    return list(argv[:1]) == ["cache"]


def look_after_cache(argv: Sequence[str], console: Console) -> int:
    """Do one cache command and return the exit code.

    Args:
        argv: `cache` and the words after it.
        console: Where the answer goes.

    Raises:
        EngineError: With one sentence about what is wrong with the arguments or the store.
    """
    asked = _read(argv[1:])
    store = _existing(asked)
    if asked.command in _KEYED:
        return _about_one(asked, store, console)
    commands: Mapping[str, Callable[[Store, Console], int]] = {
        "stats": _stats,
        "verify": _verify,
        "gc": _collect,
    }
    return commands[asked.command](store, console)


def show_freed(console: Console, freed: Freed) -> None:
    """Say what was removed to make room."""
    if console.as_json:
        console.data({"event": "freed", **asdict(freed)})
        return
    again = f", {seconds_text(freed.seconds)} to compute again" if freed.contents else ""
    console.line(f"freed   {size_text(freed.bytes)} ({counted(freed.contents, 'content')}{again})")
    if freed.records:
        console.line(f"        {counted(freed.records, 'record')} nobody asked for any more")
    console.line(f"stays   {size_text(freed.kept)}, {size_text(freed.protected)} pinned or in use")


def _read(words: Sequence[str]) -> _Asked:
    parser = Parser(
        prog="python main.py cache",
        description=_ABOUT,
        epilog=_EXITS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("command", choices=_COMMANDS, metavar="COMMAND", help="see above")
    parser.add_argument("key", nargs="?", metavar="KEY", help="first digits of a key or digest")
    add_store(parser)
    parser.add_argument("--reason", default="", help="with pin: a note to yourself")
    parser.add_argument("--json", action="store_true", help="JSON objects instead of text")
    parser.add_argument("--debug", action="store_true", help="show the traceback of a fault")
    found = parser.parse_args(words)
    if (found.key is None) == (found.command in _KEYED):
        wants = "needs a KEY" if found.command in _KEYED else "takes no KEY"
        raise UsageError(f"cache {found.command} {wants}; see python main.py cache --help.")
    return _Asked(found.command, found.key or "", found.store, found.store_limit, found.reason)


def _existing(asked: _Asked) -> Store:
    if not (asked.store / "format.json").is_file():
        message = f"there is no store in {asked.store}; a run makes one, or name it with --store."
        raise EngineError(message)
    return Store(asked.store, asked.limit)


def _about_one(asked: _Asked, store: Store, console: Console) -> int:
    if asked.command == "explain":
        explain(store, console, asked.key)
    elif asked.command == "pin":
        pin(store, console, asked.key, asked.reason)
    else:
        unpin(store, console, asked.key)
    return DONE


def _stats(store: Store, console: Console) -> int:
    there = store.upkeep.survey()
    sizes = [found.st_size for found in there.values()]
    by_op = store.index.by_op()
    aside = [path.stat().st_size for path in store.quarantine]
    body = {
        "event": "stats",
        "store": str(store.folder),
        "limit": store.limit,
        "contents": len(sizes),
        "bytes": sum(sizes),
        "records": sum(count for _, count, _ in by_op),
        "oldest": store.index.oldest(),
        "pinned": len(store.pins.keys()),
        "quarantined": len(aside),
        "quarantined_bytes": sum(aside),
        "differences": store.index.differences(),
        "types": [{"type": op, "records": n, "seconds": took} for op, n, took in by_op],
    }
    if console.as_json:
        console.data(body)
    else:
        for line in _told(body):
            console.line(line)
    return DONE


def _told(stats: Mapping[str, Any]) -> Iterator[str]:
    limit = stats["limit"]
    share = f", {stats['bytes'] / limit:.0%} of the limit of {size_text(limit)}" if limit else ""
    oldest = f", the oldest of {time_text(stats['oldest'])}" if stats["oldest"] else ""
    yield f"store       {stats['store']}"
    yield f"contents    {counted(stats['contents'], 'file')}, {size_text(stats['bytes'])}{share}"
    yield f"records     {stats['records']:,}{oldest}"
    yield f"pinned      {stats['pinned']:,}"
    aside = stats["quarantined"]
    yield f"set aside   {counted(aside, 'damaged file')}, {size_text(stats['quarantined_bytes'])}"
    if stats["differences"]:
        yield f"differed    {counted(stats['differences'], 'result')} when computed once more"
    if stats["types"]:
        width = max(len("node type"), *(len(row["type"]) for row in stats["types"]))
        yield f"\n{'node type':{width}}  {'results':>9}  took"
        for row in stats["types"]:
            took = seconds_text(row["seconds"])
            yield f"{row['type']:{width}}  {row['records']:9,}  {took}"


def _verify(store: Store, console: Console) -> int:
    """Read every file; damaged ones go to the quarantine, where a miss makes them anew."""
    contents, records = sorted(dict(store.contents)), list(store.actions)
    damaged: list[str] = []
    for digest in watched(console, contents, "contents"):
        if not store.contents.check(digest):
            damaged.append(digest)
    for key in watched(console, records, "records"):
        if not store.actions.check(key):
            damaged.append(key)
    if console.as_json:
        counts = {"contents": len(contents), "records": len(records)}
        console.data({"event": "verify", **counts, "damaged": damaged})
        return FAILED if damaged else DONE
    for name in damaged:
        console.line(f"damaged  {name}, moved to {store.folder / 'quarantine'}")
    read = f"{counted(len(contents), 'content')} and {counted(len(records), 'record')}"
    result = (
        f"{len(damaged):,} damaged; they are computed again when needed" if damaged else "sound"
    )
    console.line(f"read {read}: {result}")
    return FAILED if damaged else DONE


def _collect(store: Store, console: Console) -> int:
    limit = store.limit if store.limit is not None else 2**62
    freed = store.upkeep.collect(limit)
    if freed is None:
        raise EngineError("another process is making room right now; try again later.")
    show_freed(console, freed)
    return DONE
