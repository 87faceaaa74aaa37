"""The command line over the toy nodes, as main.py is over the real ones."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from engine.cli.run import run_command_line
from engine.registry import Registry
from tests.engine.toys import TOYS


class ToyPage:
    """The page that lies in the folder where the server is started, if any."""

    folder = Path("page")
    advice = "The page is not built; build <it>."

    def prepare(self, say: Callable[[str], None]) -> None:
        """Have nothing to build."""

    def developed(
        self, server_port: int, say: Callable[[str], None]
    ) -> contextlib.AbstractContextManager[int]:
        """Have no sources."""
        raise RuntimeError("This page has no sources.")


if __name__ == "__main__":
    home = Path(__file__).parent
    page = ToyPage()
    sys.exit(
        run_command_line(
            sys.argv[1:], home, lambda: Registry.of_modules(TOYS), make_page=lambda: page
        )
    )
