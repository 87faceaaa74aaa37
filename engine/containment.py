"""The one place that decides whether a name stays inside its folder."""

from __future__ import annotations

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
    path = (root / name).resolve()
    if not path.is_relative_to(root.resolve()):
        raise OutsideError(f'"{name}" leads out of {root}')
    return path
