"""What nobody outside needs to know: where on this machine the folders are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class Private:
    """Writes the names of folders in the place of their paths.

    Args:
        folders: Path by what it is called outside.
    """

    def __init__(self, folders: Mapping[str, Path]) -> None:
        known = {str(form): name for name, folder in folders.items()
                 for form in (folder.absolute(), folder.resolve())}  # fmt: skip
        self._names = {**known, str(Path.home()): "~"}
        longest = sorted(self._names, key=len, reverse=True)
        usable = [re.escape(path) for path in longest if len(path) > 1]
        self._paths = re.compile(rf"(?:{'|'.join(usable)})(?![^/\\\s\"';:,.)])")

    def text(self, text: str) -> str:
        """Replace every such path in a text."""
        if "/" not in text and "\\" not in text:  # most names and words: there is no path in it
            return text
        return self._paths.sub(lambda found: self._names[found[0]], text)

    def value(self, value: Any) -> Any:
        """Replace them in every text of a JSON value."""
        if isinstance(value, str):
            return self.text(value)
        if value is None or isinstance(value, int | float):  # most: asking for a mapping is slow
            return value
        if isinstance(value, Mapping):
            return {self.text(name): self.value(item) for name, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(item) for item in value]
        return value
