"""Latentgraph from the command line; the only file that knows both the engine and the nodes.

python main.py
python main.py --workflow workflows/inpaint.json
"""

from __future__ import annotations

import sys
from pathlib import Path

from engine.cli.run import run_command_line
from engine.registry import Registry


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


def main() -> int:
    """Run the command line and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    return run_command_line(sys.argv[1:], Path(__file__).parent, make_registry, check_picture)


if __name__ == "__main__":
    sys.exit(main())
