"""The floors of the building: who may import whom, what loads when, and how large things are."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOMAIN = ("nodes", "torch", "numpy", "PIL", "safetensors", "skimage")
SOURCES = sorted([*ROOT.glob("engine/**/*.py"), *ROOT.glob("nodes/**/*.py"), ROOT / "main.py"])
WORKFLOWS = sorted(ROOT.glob("workflows/*.json"))
MAX_FILE, MAX_FUNCTION = 300, 60

BLOCKADE = f"""
import sys

class Blockade:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {DOMAIN}:
            raise ModuleNotFoundError(f"{{name}} is not part of the engine's world", name=name)

sys.meta_path.insert(0, Blockade())
"""

REPEATING = "test_interruption or test_caching or thousand or process"
"""Tests of the engine that repeat themselves at length, and import nothing the others do not."""


def python(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the repository's root."""
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def loaded_by(statement: str) -> set[str]:
    """Names of all modules that a new process has loaded after a statement."""
    done = python("-W", "error", "-c", f"{statement}\nimport sys; print(*sys.modules)")
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Name and length of each function, its docstring not counted."""
    for found in ast.walk(ast.parse(path.read_text())):
        if isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef):
            docstring = ast.get_docstring(found, clean=False) or ""
            lines = (found.end_lineno or 0) - found.lineno + 1
            yield found.name, lines - len(docstring.splitlines())


def test_imports_only_point_down() -> None:
    done = python("-c", "import sys; from importlinter.cli import lint_imports;"
                  " sys.exit(lint_imports(no_cache=True, no_logo=True))")  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 kept, 0 broken" in done.stdout


def test_the_stage_nodes_see_of_the_engine_only_its_node_api() -> None:
    for path in ROOT.glob("nodes/*.py"):
        for found in ast.walk(ast.parse(path.read_text())):
            if isinstance(found, ast.ImportFrom) and (found.module or "").startswith("engine"):
                assert found.module == "engine.node", path.name
            if isinstance(found, ast.Import):
                assert not any(name.name.startswith("engine") for name in found.names), path.name


def test_declaring_the_nodes_loads_no_tensor_library() -> None:
    loaded = loaded_by("import nodes.pack")

    assert "nodes.unet_denoise" in loaded
    assert not loaded & {"torch", "numpy", "safetensors", "skimage", "scipy"}
    assert "PIL.PngImagePlugin" not in loaded


def test_checking_a_workflow_loads_no_tensor_library() -> None:
    loaded = loaded_by(
        "import io, sys, contextlib\n"
        "from pathlib import Path\n"
        "from engine.cli.run import run_command_line\n"
        "from main import make_registry\n"
        "words = ['--workflow', 'workflows/text_to_image.json', '--check']\n"
        "quiet = io.StringIO()\n"
        "with contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet):\n"
        "    run_command_line(words, Path('.'), make_registry)"
    )

    assert "nodes.load" in loaded
    assert not loaded & {"torch", "numpy", "safetensors"}


def test_the_engine_passes_its_tests_in_a_world_without_the_domain(tmp_path: Path) -> None:
    """Blocked for the command lines that the tests start, too."""
    (tmp_path / "sitecustomize.py").write_text(BLOCKADE)
    blocked = python("-c", "import torch", PYTHONPATH=str(tmp_path))
    words = ("-m", "pytest", "tests/engine", "-x", "-k", f"not ({REPEATING})")
    done = python(*words, PYTHONPATH=str(tmp_path))

    assert "torch is not part of the engine's world" in blocked.stderr
    assert done.returncode == 0, done.stdout
    assert "[100%]" in done.stdout


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_file_and_no_function_is_long(path: Path) -> None:
    lines = len(path.read_text().splitlines())
    long = {name: length for name, length in functions(path) if length > MAX_FUNCTION}

    assert lines <= MAX_FILE
    assert long == {}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_names_a_schema_that_is_there(path: Path) -> None:
    if path.name.endswith(".schema.json"):
        assert "properties" in json.loads(path.read_text())
        return
    schema = path.parent / json.loads(path.read_text())["$schema"]

    assert schema.is_file()
    assert json.loads(schema.read_text())
