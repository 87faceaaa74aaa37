"""What the page is made from, as one digest, so that a build can be told to be stale."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

RECORD = "build.json"
"""Lies in the built page and says what it was built from."""
_ASIDE = frozenset({"node_modules", "dist", "coverage"})
_TESTS = (".test.ts", ".test.tsx")


def digest_of(web: Path) -> str:
    """Compute the digest of every file that the page depends on: names, lengths, bytes."""
    digest = hashlib.sha256()
    for name in sorted(_sources(web)):
        content = (web / name).read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def built_from(dist: Path) -> str | None:
    """Read the digest of the sources that a built page was made from; None where there is none."""
    try:
        record = json.loads((dist / RECORD).read_text(encoding="utf-8"))
        found = record["digest"]
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return found if isinstance(found, str) and (dist / "index.html").is_file() else None


def has_sources(web: Path) -> bool:
    """Tell whether this is a checkout; an installed wheel carries the built page alone."""
    return (web / "package.json").is_file()


def is_fresh(web: Path) -> bool:
    """Tell whether the built page is there and is what the sources say."""
    built = built_from(web / "dist")
    return built is not None and (not has_sources(web) or built == digest_of(web))


def _sources(web: Path) -> Iterator[str]:
    for folder, folders, files in os.walk(web):
        folders[:] = [name for name in folders if name not in _ASIDE and not name.startswith(".")]
        for name in files:
            if not name.startswith(".") and not name.endswith(_TESTS):
                yield (Path(folder) / name).relative_to(web).as_posix()
