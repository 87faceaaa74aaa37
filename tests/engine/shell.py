"""A user's shell: types the command line in a folder of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAIN = Path(__file__).with_name("toy_main.py")


@dataclass
class Shell:
    """A folder a user works in."""

    folder: Path

    def write(self, written: Mapping[str, Any], name: str = "w.json") -> None:
        (self.folder / name).write_text(json.dumps(written))

    def type(self, *words: str) -> subprocess.CompletedProcess[str]:
        (self.folder / "models").mkdir(exist_ok=True)
        command = [sys.executable, "-W", "error", str(MAIN), *words]
        return subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, timeout=60, check=False
        )

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.type("--workflow", "w.json", *words)

    def start(self, *words: str) -> subprocess.Popen[str]:
        command = [sys.executable, str(MAIN), "--workflow", "w.json", *words]
        return subprocess.Popen(
            command, cwd=self.folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def saved(self, folder: str = "output") -> dict[str, str]:
        return {path.name: path.read_text() for path in (self.folder / folder).iterdir()}
