"""Every file in workflows/ that needs no more than what ships checks clean and runs.

Those for Stable Diffusion checkpoints are in test_stable_diffusion.py, the paper's family in
test_family.py.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workflows.test_family import SMALL as FAMILY

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted(
    path.name for path in (ROOT / "workflows").glob("*.json") if not path.name.startswith("sd")
)
WORKFLOWS = [name for name in WORKFLOWS if name not in {*FAMILY, "workflow.schema.json"}]

SMALL = {
    "inpaint.json": ["steps=2"],
    "text_to_image.json": ["steps=2"],
    "reconstruct.json": [],
    "diffuse.json": ["timesteps=0,5"],
    "train_autoencoder.json": [
        "steps=2",
        "refine_steps=2",
        "scenes=8",
        "refine_scenes=8",
        "batch=2",
    ],
    "continue_inpaint.json": ["steps=2", "scenes=8", "batch=2"],
    "train_inpaint.json": ["steps=2", "further_steps=2", "scenes=8", "batch=2", "width=32"],
    "train_on_folder.json": ["steps=2", "batch=2", "width=16", "size=32"],
    "train_judge.json": ["steps=2", "scenes=8", "batch=2"],
    "evaluate_autoencoder.json": ["scenes=9"],
    "evaluate_inpaint.json": ["scenes=2", "steps=2"],
}

Run = Callable[..., tuple[int, list[dict[str, object]]]]


def test_every_shipped_workflow_has_a_small_run_here() -> None:
    assert set(WORKFLOWS) == set(SMALL)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_shipped_workflow_has_no_problems(run: Run, name: str) -> None:
    code, lines = run("--workflow", f"workflows/{name}", "--check")
    assert (code, lines) == (0, [{"event": "check", "ok": True, "problems": [], "hidden": 0}])


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_shipped_workflow_leaves_the_same_files_from_its_store_and_without_it(
    run: Run, tmp_path: Path, name: str
) -> None:
    changes = [word for change in SMALL[name] for word in ("--set", change)]

    def ran() -> tuple[int, dict[str, bytes]]:
        """Run into an empty output folder; how many steps were computed, and what was left."""
        code, lines = run("--workflow", f"workflows/{name}", *changes)
        files = lines[-1]["files"]
        assert code == 0, lines
        assert isinstance(files, list)
        out = tmp_path / "out"
        left = {str(Path(file).relative_to(out)): Path(file).read_bytes() for file in files}
        shutil.rmtree(out)
        computed = lines[-1]["computed"]
        assert isinstance(computed, int)
        return computed, left

    everything, fresh = ran()
    saving, cached = ran()
    shutil.rmtree(tmp_path / "store")
    again, anew = ran()
    assert all(len(content) > 100 for content in fresh.values())
    assert saving <= len(fresh), "only the steps that save run again"
    assert again == everything
    assert fresh == cached == anew
    assert fresh


def test_the_workflow_schema_in_the_repository_is_the_one_the_nodes_declare(run: Run) -> None:
    code, lines = run("--schema")
    committed = json.loads((ROOT / "workflows/workflow.schema.json").read_text())
    assert code == 0
    assert lines == [committed], "run: python main.py --schema > workflows/workflow.schema.json"


def test_a_moved_workflow_finds_the_pictures_beside_it(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    shutil.copytree(ROOT / "workflows/inputs", folder / "inputs")
    shutil.copy(ROOT / "workflows/reconstruct.json", folder)
    code, _ = run("--workflow", str(folder / "reconstruct.json"))
    assert code == 0
