"""What a node says of the memory it will take, and how much this machine has."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Estimate:
    """About what a step takes, before it runs.

    Attributes:
        working: Bytes while it runs, gone when it has.
        kept: Bytes that stay in the process after it, by name: steps that name the same thing, such
            as the weights of one file, share it.
        seconds: How long, where its author measured it; 0 when it cannot tell. On a machine that
            has run the step before, only the ratio to what was foreseen then counts.
    """

    working: int
    kept: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0


def machine_bytes() -> int | None:
    """Memory of this machine, where it tells."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
