"""Who computed a result: the kind of device, the threads, the versions of the software.

Nothing of it is in a key, and all of it can change the last bits of a number. So records keep it,
and receipts tell it. It names no host, no user and no path.
"""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from engine import __version__
from engine.contract import Settings

_COUNT = re.compile(r"[1-9]\d{0,4}")


def maker_of(settings: Settings, software: Mapping[str, str]) -> dict[str, Any]:
    """Describe who computes, in plain values; nothing is loaded for it.

    Args:
        settings: Where and how.
        software: Versions by name, as `versions_of` gives them.
    """
    return {
        "latentgraph": __version__,
        "device": settings.device.partition(":")[0],
        "machine": platform.machine(),
        "threads": settings.threads or default_threads(),
        "software": dict(software),
    }


def versions_of(distributions: Iterable[str]) -> dict[str, str]:
    """Return the versions of installed distributions by name; what is not there is left out."""
    found = {}
    for name in distributions:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def default_threads() -> int:
    """How many threads numerical libraries take when nobody says: as asked, or one per core."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return int(asked) if _COUNT.fullmatch(asked) else cores()


def cores() -> int:
    """How many cores this process may use, not how many there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
