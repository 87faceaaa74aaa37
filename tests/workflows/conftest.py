"""Runs the command line in this process, so that torch is imported once."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.cli.run import run_command_line
from main import make_registry

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, list[dict[str, object]]]]:
    """Type a command with its own store and output folder; give exit code and JSON lines."""
    monkeypatch.chdir(ROOT)

    def type_command(*words: str) -> tuple[int, list[dict[str, object]]]:
        places = ["--json", "--store", str(tmp_path / "store"), "--output", str(tmp_path / "out")]
        strict = ["--check-mutation"] if "--workflow" in words else []
        code = run_command_line([*words, *places, *strict], ROOT, make_registry)
        printed = capsys.readouterr().out.strip()
        if words[0] == "--schema":
            return code, [json.loads(printed)]
        return code, [json.loads(line) for line in printed.splitlines()]

    return type_command
