"""What the README promises of workflows/inpaint.json, on the models that ship."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from nodes.checkpoints.model_file import load_judge
from nodes.picture_files import read_grey, read_picture
from nodes.training.judge import verdicts

ROOT = Path(__file__).parents[2]
INPAINT = ("--workflow", "workflows/inpaint.json")
BELOW_THE_SEED = {"denoise", "decode", "compose", "save"}

Run = Callable[..., tuple[int, list[dict[str, object]]]]


def computed(lines: list[dict[str, object]]) -> set[object]:
    """Steps that were really executed."""
    return {line["step"] for line in lines if line["event"] == "step-done" and not line["cached"]}


def picture(lines: list[dict[str, object]]) -> Path:
    """The one file a run saved."""
    files = lines[-1]["files"]
    assert isinstance(files, list)
    assert len(files) == 1
    return Path(files[0])


def test_the_hole_is_filled_with_what_the_prompt_says_and_nothing_else_changes(run: Run) -> None:
    code, lines = run(*INPAINT, "--set", "prompt=a large blue sphere")
    painted = read_picture(picture(lines))
    before = read_picture(ROOT / "workflows/inputs/scene.png")
    hole = read_grey(ROOT / "workflows/inputs/mask.png")[0, 0] > 0.5
    assert code == 0
    assert torch.equal(painted[..., ~hole], before[..., ~hole])
    ys, xs = torch.nonzero(hole, as_tuple=True)
    box = tuple(float(edge) for edge in (xs.min() + 6, ys.min() + 6, xs.max() - 5, ys.max() - 5))
    judge = load_judge(ROOT / "models/scenes-judge.safetensors")
    with torch.no_grad():
        colour, shape = verdicts(judge, painted * 2 - 1, [(box[0], box[1], box[2], box[3])])
    assert judge.config.colours[int(colour)] == "blue"
    assert judge.config.shapes[int(shape)] == "sphere"


def test_the_same_command_again_executes_nothing_and_gives_the_same_pixels(run: Run) -> None:
    _, first = run(*INPAINT, "--set", "steps=3")
    _, second = run(*INPAINT, "--set", "steps=3")
    assert computed(second) == set()
    assert picture(first) == picture(second)


def test_another_seed_runs_the_denoiser_and_what_is_below_it_only(run: Run) -> None:
    run(*INPAINT, "--set", "steps=2")
    _, lines = run(*INPAINT, "--set", "steps=2", "--set", "seed=9")
    assert computed(lines) == BELOW_THE_SEED


def test_another_prompt_runs_the_condition_and_what_is_below_it_only(run: Run) -> None:
    run(*INPAINT, "--set", "steps=2")
    _, lines = run(*INPAINT, "--set", "steps=2", "--set", "prompt=a red cone")
    assert computed(lines) == BELOW_THE_SEED | {"condition"}


def test_image_k_of_count_n_is_the_picture_of_seed_plus_k_alone(run: Run, tmp_path: Path) -> None:
    _, lines = run(*INPAINT, "--set", "steps=2", "--count", "3")
    finished = [line for line in lines if line["event"] == "run-done"]
    together = [picture([line]).read_bytes() for line in finished]
    alone = []
    for seed in (8, 9, 10):
        places = ("--no-cache", "--output", str(tmp_path / f"alone-{seed}"))
        _, single = run(*INPAINT, "--set", "steps=2", "--set", f"seed={seed}", *places)
        alone.append(picture(single).read_bytes())
    assert together == alone
    assert len(set(together)) == 3


def test_without_the_cache_the_pixels_are_the_same(run: Run) -> None:
    _, cached = run(*INPAINT, "--set", "steps=2")
    _, fresh = run(*INPAINT, "--set", "steps=2", "--no-cache")
    assert computed(fresh) >= BELOW_THE_SEED
    assert picture(cached).read_bytes() == picture(fresh).read_bytes()


WATCH = """
import sys, pathlib
sys.argv = ["main.py", *sys.argv[1:]]
import main
code = main.main()
print("torch" in sys.modules, file=sys.stderr)
sys.exit(code)
"""


def typed(*words: str) -> tuple[int, str, bool, float]:
    """Type a command in a new process: exit code, output, whether torch was imported, seconds."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", WATCH, *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    torch_imported = done.stderr.strip().splitlines()[-1] == "True"
    return done.returncode, done.stdout, torch_imported, time.monotonic() - began


def test_a_cached_run_in_a_new_process_loads_no_torch_and_no_weights(tmp_path: Path) -> None:
    places = ("--store", str(tmp_path / "store"), "--output", str(tmp_path / "out"), "--json")
    first = typed(*INPAINT, "--set", "steps=2", *places)
    second = typed(*INPAINT, "--set", "steps=2", *places)
    assert (first[0], first[2]) == (0, True)
    assert (second[0], second[2]) == (0, False)
    last = json.loads(second[1].splitlines()[-1])
    assert last["computed"] == 0
    assert second[3] < 3.0


@pytest.mark.parametrize("name", ["inpaint.json", "train_inpaint.json", "evaluate_inpaint.json"])
def test_a_check_loads_no_torch_and_is_quick(tmp_path: Path, name: str) -> None:
    words = ("--workflow", f"workflows/{name}", "--check", "--store", str(tmp_path / "store"))
    code, _, torch_imported, seconds = typed(*words)
    assert (code, torch_imported) == (0, False)
    assert seconds < 3.0  # under 1 s on a free machine; CI machines are shared
