"""The licences of what the built page contains, as the packages carry them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_NAMES = ("LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE", "license", "license.md")
_RULE = "-" * 80


def third_party(web: Path) -> str:
    """Write name, version and licence of every package that is not only there to build."""
    lock = json.loads((web / "package-lock.json").read_text(encoding="utf-8"))
    return "\n".join(_entry(web, path, about) for path, about in _shipped(lock))


def _shipped(lock: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path, about in sorted(lock["packages"].items()):
        if path and not about.get("dev") and not about.get("devOptional"):
            yield path, about


def _entry(web: Path, path: str, about: Mapping[str, Any]) -> str:
    name = path.rpartition("node_modules/")[2]
    texts = (web / path / name for name in _NAMES)
    text = next((text.read_text(encoding="utf-8") for text in texts if text.is_file()), "")
    licence = about.get("license", "see its page")
    return f"{_RULE}\n{name} {about.get('version', '')} ({licence})\n\n{text.strip()}\n"
