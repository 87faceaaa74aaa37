"""The page as the command line knows it; whoever starts the program says what it is."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

Say = Callable[[str], None]


class BuiltPage(Protocol):
    """A page that is built from sources beside the program."""

    @property
    def folder(self) -> Path:
        """Where the built page is, or would be."""

    @property
    def advice(self) -> str:
        """Say in one sentence how to get it where it is not there."""

    def prepare(self, say: Say) -> None:
        """Have it there and up to date, or say what to do."""

    def developed(self, server_port: int, say: Say) -> contextlib.AbstractContextManager[int]:
        """Serve it from its sources during the block, handing the interface on; give the port.

        Raises:
            RuntimeError: With one sentence, when that cannot be.
        """
