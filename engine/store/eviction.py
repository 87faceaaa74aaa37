"""Making room: what is least worth its place goes first (GreedyDual-Size-Frequency).

Worth = L + uses * seconds / bytes: what was expensive to make, is read often and is small stays. L
rises to the worth of what was evicted last, so that what nobody reads any more ages (Cherkasova
1998). Records stay, they are tiny: a step below an evicted content keeps its key.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from engine.store.contents import Contents
from engine.store.index import Index, Worth

_SHARE = 0.9


@dataclass(frozen=True)
class Freed:
    """What an eviction did.

    Attributes:
        bytes: How much room was made.
        contents: How many contents went.
        seconds: What it would take to compute them again, as far as is known.
        kept: Bytes still there.
        protected: Bytes of those that were pinned or in use.
        records: How many records went because there were too many, or nobody needs them.
    """

    bytes: int
    contents: int
    seconds: float
    kept: int
    protected: int
    records: int = 0


def evict(
    contents: Contents,
    index: Index,
    there: Mapping[str, os.stat_result],
    limit: int,
    protected: Collection[str],
    since: float,
) -> Freed:
    """Remove the contents least worth keeping until 90 % of the limit is left.

    Args:
        contents: Where they are.
        index: What they are worth.
        there: What there is, by digest.
        limit: Bytes the store may take; nothing goes while it is not passed.
        protected: Digests that must stay.
        since: What was written later stays (seconds since 1970): a run may be about to read it.
    """
    total = sum(found.st_size for found in there.values())
    safe = {d for d, found in there.items() if d in protected or found.st_mtime >= since}
    held = sum(there[digest].st_size for digest in safe)
    gone: list[Worth] = []
    freed = 0
    for worth in index.cheapest_first() if total > limit else []:
        if total - freed <= _SHARE * limit:
            break
        if worth.digest in there and worth.digest not in safe:
            size = contents.remove(worth.digest, since)
            freed += size
            gone += [worth] if size else []
    index.evicted(gone)
    return Freed(freed, len(gone), sum(w.seconds for w in gone), total - freed, held)
