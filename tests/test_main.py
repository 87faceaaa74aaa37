"""`python main.py` as a user types it, with the real nodes and no model."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from main import SPINS
from main import main as run_main

MAIN = Path(__file__).parents[1] / "main.py"
DRAWING = {
    "format": "latentgraph/1",
    "parameters": {"seed": "scene.seed"},
    "nodes": {
        "scene": {"type": "DrawScene", "version": 1, "inputs": {"size": 32, "seed": 7}},
        "masked": {
            "type": "MaskImage",
            "version": 1,
            "inputs": {"image": {"link": "scene.image"}, "mask": {"link": "scene.mask"}},
        },
        "save": {
            "type": "SaveImage",
            "version": 1,
            "inputs": {"image": {"link": "masked.image"}, "name": "drawing"},
        },
    },
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "drawing.json").write_text(json.dumps(DRAWING))
    return tmp_path


def main(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(MAIN), *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def imported(folder: Path, *words: str) -> set[str]:
    """Return the top-level packages that a command imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", str(MAIN), *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().split(".")[0] for line in lines}


def test_the_help_tells_how_to_run_and_how_to_serve(folder: Path) -> None:
    done = main(folder, "--help")

    assert done.returncode == 0
    assert "--workflow FILE" in done.stdout
    assert "--listen HOST" in done.stdout


def test_the_five_stages_of_the_paper_are_listed(folder: Path) -> None:
    done = main(folder, "--nodes")
    names = {line.split()[0] for line in done.stdout.splitlines() if line.startswith("  ")}

    assert done.returncode == 0
    assert {"Encode", "NoiseSchedule", "CrossAttnCondition", "UNetDenoise", "Decode"} <= names


def test_a_workflow_draws_a_picture_and_a_second_run_only_names_it(folder: Path) -> None:
    first = main(folder, "--workflow", "drawing.json")
    second = main(folder, "--workflow", "drawing.json")
    picture = folder / "output" / "drawing_00001.png"

    assert (first.returncode, second.returncode) == (0, 0), first.stdout + first.stderr
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "3 computed, 0 from the cache" in first.stdout
    assert "0 computed, 3 from the cache" in second.stdout
    assert str(picture) in second.stdout


def test_checks_and_cached_runs_never_import_torch(folder: Path) -> None:
    heavy = {"torch", "numpy", "safetensors"}
    checked = imported(folder, "--workflow", "drawing.json", "--check")
    computed = imported(folder, "--workflow", "drawing.json")
    cached = imported(folder, "--workflow", "drawing.json")

    assert checked & heavy == set()
    assert "torch" in computed
    assert cached & heavy == set()


def test_a_picture_of_a_batch_of_seeds_is_made_again_alone(folder: Path) -> None:
    main(folder, "--workflow", "drawing.json", "--count", "2")
    alone = main(folder, "--workflow", "drawing.json", "--set", "seed=8", "--no-cache")
    pictures = [(folder / "output" / f"drawing_{i:05d}.png").read_bytes() for i in (1, 2, 3)]

    assert alone.returncode == 0
    assert pictures[1] == pictures[2] != pictures[0]


@pytest.mark.parametrize(
    ("given", "spins"),
    [({}, SPINS), ({"GOMP_SPINCOUNT": "7"}, "7"), ({"OMP_WAIT_POLICY": "active"}, None)],
)
def test_threads_wait_briefly_unless_the_environment_says_how(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], spins: str | None
) -> None:
    """Else a run crawls on a machine whose cores have other work."""
    for name in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["main.py", "--nodes", "Integer"])

    assert run_main() == 0
    assert os.environ.get("GOMP_SPINCOUNT") == spins
