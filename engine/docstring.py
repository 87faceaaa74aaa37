"""Reads what a node's docstring says of it and of its ports."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

from engine.errors import NodeError

_SECTION = re.compile(r"^(Args|Returns|Raises|Yields|Example|Examples|Note|Notes|Attributes):\s*$")
_ENTRY = re.compile(r"^(\*{0,2}\w+)\s*:\s*(.*)$")


def read_docstring(function: Callable[..., Any], where: str) -> tuple[str, dict[str, str]]:
    """Split a Google docstring into the help before its sections and the entries of `Args:`.

    Raises:
        NodeError: When there is none; `where` is the function's place in words.
    """
    document = inspect.getdoc(function)
    if not document:
        raise NodeError(f"{where}: no docstring; say what the node does and document each `Args:`.")
    help_lines: list[str] = []
    entries: dict[str, str] = {}
    section, name = "", ""
    for line in document.splitlines():
        if match := _SECTION.match(line):
            section = match[1]
        elif not section:
            help_lines.append(line)
        elif section == "Args" and line.strip():
            indent = len(line) - len(line.lstrip())
            entry = _ENTRY.match(line.strip()) if indent <= 4 else None
            if entry:
                name = entry[1]
                entries[name] = entry[2]
            elif name:
                entries[name] = f"{entries[name]} {line.strip()}".strip()
    return "\n".join(help_lines).strip(), entries
