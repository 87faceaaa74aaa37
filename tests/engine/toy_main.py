"""The command line over the toy nodes, as main.py is over the real ones."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from engine.cli.run import run_command_line
from engine.registry import Registry
from tests.engine.toys import TOYS

if __name__ == "__main__":
    home = Path(__file__).parent
    sys.exit(run_command_line(sys.argv[1:], home, lambda: Registry.of_modules(TOYS)))
