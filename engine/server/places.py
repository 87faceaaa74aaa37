"""Where requests write is nowhere that code or settings are read from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from engine.server.access import AccessError


def refuse_overlaps(written: Mapping[str, Path], read: Mapping[str, Path]) -> None:
    """Make sure that nothing a request writes can be read as something else.

    Args:
        written: Folders that requests and runs write to, by what they are.
        read: Folders of code and settings, by what they are.

    Raises:
        AccessError: When one of the first lies in, or around, another folder.
    """
    places = [(what, folder.resolve()) for what, folder in written.items()]
    others = [(what, folder.resolve()) for what, folder in read.items()]
    for index, (what, folder) in enumerate(places):
        for other, place in [*places[index + 1 :], *others]:
            if folder.is_relative_to(place) or place.is_relative_to(folder):
                raise AccessError(
                    f"the folder of {what} ({folder}) and that of {other} ({place}) lie in each"
                    " other; name another folder, or start in another one."
                )
