"""The one place that decides whether a name stays inside its folder."""

from __future__ import annotations

import os
from pathlib import Path


class OutsideError(ValueError):
    """A name leads out of the folder it was given for."""


def inside(root: Path, name: str) -> Path:
    """Return the place a name has below a folder, links followed.

    The folder itself may be a link; nothing below it may lead out.

    Args:
        root: The folder.
        name: A path relative to it, `/` between its parts.

    Raises:
        OutsideError: When the name is absolute, climbs out, or goes through a link that does.
        OSError, RuntimeError, ValueError: When the path cannot be looked up at all.
    """
    folder = os.path.realpath(root)  # several times quicker than paths: every run asks this often
    found = os.path.realpath(os.path.join(folder, name))
    if found != folder and not found.startswith(folder.rstrip("/") + "/"):
        raise OutsideError(f'"{name}" leads out of {root}')
    return Path(found)
