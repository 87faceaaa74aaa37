"""Latentgraph from the command line; the only file that knows engine, nodes and editor.

python main.py
python main.py --workflow workflows/inpaint.json
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cli.run import run_command_line
from engine.registry import Registry

if TYPE_CHECKING:
    from editor.page import EditorPage

HOME = Path(__file__).parent
SPINS = "1000"
"""How often a thread looks for work before it sleeps. With OpenMP's own 300,000 a network that
shares its cores with another program is many times slower (`tests/benchmarks/busy.py`)."""


def make_registry() -> Registry:
    """Import the node modules and collect what they declare."""
    from nodes.pack import MODULES, SOFTWARE  # noqa: PLC0415 - only once the arguments are understood

    return Registry.of_modules(MODULES, SOFTWARE)


def check_picture(path: Path) -> None:
    """Refuse an uploaded file that is no picture, by its header.

    Raises:
        ValueError: With what is wrong with it.
    """
    from nodes.picture_files import check_picture as check  # noqa: PLC0415 - only for uploads

    check(path)


def make_page() -> EditorPage:
    """Say where the editor is, and how it is built."""
    from editor.page import EditorPage  # noqa: PLC0415 - only to serve

    return EditorPage(HOME / "web")


def main() -> int:
    """Run the command line and return its exit code."""
    if "OMP_WAIT_POLICY" not in os.environ:  # read when torch is imported, here or in a worker
        os.environ.setdefault("GOMP_SPINCOUNT", SPINS)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    return run_command_line(sys.argv[1:], HOME, make_registry, check_picture, make_page)


if __name__ == "__main__":
    sys.exit(main())
