"""`python -m editor`: build the page now, if it is missing or stale."""

from __future__ import annotations

import sys
from pathlib import Path

from editor.build import build
from editor.errors import EditorError
from editor.node import REQUIREMENT, WANTED, find_node

WEB = Path(__file__).parents[1] / "web"


def main() -> int:
    """Build it; returns the exit code."""
    node = find_node()
    try:
        if node is None:
            raise EditorError(f"There is no {WANTED}: `pip install '{REQUIREMENT}'` has one.")
        build(WEB, node, lambda text: print(text, flush=True))  # noqa: T201 - a command's output
    except EditorError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
