"""Making room: what is least worth its place goes first (GreedyDual-Size-Frequency).

Worth = L + uses * seconds / bytes: what was expensive to make, is read often and is small stays. L
rises to the worth of what was evicted last, so that what nobody reads any more ages (Cherkasova
1998). Records stay, they are tiny: a step below an evicted content keeps its key.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from engine.disk import sweep
from engine.store.contents import Contents
from engine.store.index import Index, Worth
from engine.store.locks import Locks

_SHARE = 0.9
_MONTH = 30 * 86_400.0
_DAY = 86_400.0


@dataclass(frozen=True)
class Freed:
    """What an eviction did.

    Attributes:
        bytes: How much room was made.
        contents: How many contents went.
        seconds: What it would take to compute them again, as far as is known.
        kept: Bytes still there.
        protected: Bytes that were pinned or in use.
    """

    bytes: int
    contents: int
    seconds: float
    kept: int
    protected: int


def evict(contents: Contents, index: Index, limit: int, protected: set[str], since: float) -> Freed:
    """Remove the contents least worth keeping until 90 % of the limit is left.

    Args:
        contents: What there is.
        index: What it is worth.
        limit: Bytes the store may take; nothing goes while it is not passed.
        protected: Digests that must stay.
        since: What was written later stays (seconds since 1970): a run may be about to read it.
    """
    there = {digest: stat for digest, stat in contents}
    index.reconcile((digest, stat.st_size) for digest, stat in there.items())
    total = sum(stat.st_size for stat in there.values())
    safe = protected | {digest for digest, stat in there.items() if stat.st_mtime >= since}
    held = sum(stat.st_size for digest, stat in there.items() if digest in safe)
    gone: list[Worth] = []
    freed = 0
    if total > limit:
        for worth in index.cheapest_first():
            if total - freed <= _SHARE * limit:
                break
            if worth.digest not in safe and worth.digest in there:
                freed += contents.remove(worth.digest)
                gone.append(worth)
        index.evicted(gone)
    return Freed(freed, len(gone), sum(w.seconds for w in gone), total - freed, held)


def sweep_old(folder: Path, locks: Locks) -> None:
    """Remove what nobody will ask for any more: temporary files, old notes, abandoned scratch."""
    sweep(folder / "tmp")
    sweep(folder / "preview", _DAY)
    for name in ("quarantine", "digests", "last"):
        sweep(folder / name, _MONTH)
    for path in (folder / "scratch").iterdir() if (folder / "scratch").is_dir() else []:
        idle = time.time() - _newest(path)
        if idle > _MONTH and not locks.is_held(path.name):
            shutil.rmtree(path, ignore_errors=True)


def _newest(folder: Path) -> float:
    return max((path.stat().st_mtime for path in [folder, *folder.rglob("*")]), default=0.0)
