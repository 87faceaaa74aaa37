"""The workflows of the paper's family check clean and run, on models of their make.

The models are trained for one step at a small width by the same node as the real ones, so these
tests need none of the weights.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nodes.dataset import draw_dataset, encode_dataset, tell_beside, tell_tokens
from nodes.retrieve import tell_neighbours
from nodes.train_classifier import train_classifier
from nodes.train_diffusion import train_diffusion
from nodes.train_judge import train_segmenter
from nodes.values import Scenes
from tests.nodes.context import FolderContext
from tests.nodes.tiny import make_tiny_models

ROOT = Path(__file__).parents[2]
Run = Callable[..., tuple[int, list[dict[str, Any]]]]

FEW = ["steps=2"]
TRAIN = ["steps=2", "scenes=4", "batch=2", "width=16"]
SMALL = {
    "unconditional.json": [*FEW, "batch=1"],
    "class_conditional.json": [*FEW, "batch=1"],
    "layout_to_image.json": FEW,
    "semantic_synthesis.json": [*FEW, "size=256"],
    "super_resolution.json": FEW,
    "colorize.json": FEW,
    "strokes.json": FEW,
    "image_to_image.json": FEW,
    "guidance_scale.json": FEW,
    "sample_ddpm.json": [*FEW, "batch=1"],
    "sample_ddim.json": [*FEW, "batch=1"],
    "sample_plms.json": [*FEW, "batch=1"],
    "ddim_inversion.json": ["steps=3", "refine=1"],
    "megapixel.json": [*FEW, "size=64", "width=256", "height=256", "tile=128"],
    "evaluate_unconditional.json": [*FEW, "scenes=4"],
    "evaluate_class_conditional.json": ["scenes=1"],
    "evaluate_layout_to_image.json": ["scenes=1"],
    "evaluate_semantic_synthesis.json": [*FEW, "scenes=2", "large=1", "large_steps=2"],
    "evaluate_super_resolution.json": [*FEW, "scenes=2"],
    "evaluate_colorize.json": [*FEW, "scenes=2"],
    "evaluate_text_to_image.json": ["scenes=16"],
    "evaluate_image_to_image.json": ["begun=2", "asked=2"],
    "evaluate_likelihood.json": ["scenes=2", "levels=2"],
    "study_first_stage.json": ["steps=1", "scenes=2", "held_out=2"],
    "study_compression.json": [
        *(
            *("steps=1", "steps_4=1", "steps_8=1", "steps_16=1"),
            "timed_steps=1",
            "stage_steps=1",
            "scenes=4",
            "held_out=4",
            "timed_batch=1",
            "evaluations=2",
        ),
    ],
    "train_segmenter.json": TRAIN,
    "train_class_conditional.json": TRAIN,
    "train_unconditional.json": [one for one in TRAIN if not one.startswith("width")],
    "train_layout_to_image.json": [
        *(*TRAIN, "more_steps=2", "begin_steps=2", "single_scenes=4", "polish_steps=2"),
    ],
    "train_semantic_synthesis.json": TRAIN,
    "train_super_resolution.json": TRAIN,
    "train_colorize.json": TRAIN,
    "train_text_to_image.json": TRAIN,
    "guidance_classifier.json": [*FEW, "batch=1"],
    "evaluate_guidance_classifier.json": ["scenes=4"],
    "evaluate_guidance_image.json": ["scenes=1"],
    "guidance_image.json": [*FEW, "batch=1"],
    "retrieval.json": [*FEW, "scenes=60", "night=a", "snow=a"],
    "evaluate_retrieval.json": [*FEW, "scenes=60", "night=a", "snow=a"],
    "train_classifier.json": TRAIN,
    "train_retrieval.json": ["steps=2", "scenes=4", "database=5", "batch=2"],
}
NETWORK: dict[str, Any] = {"steps": 1, "batch": 2, "width": 16, "channel_mult": "1,2,2"}
TOLD = {"class": "classes", "layout": "boxes", "text": "words"}
BESIDE = {"semantic": "labels", "upscale": "low resolution", "colorize": "grey"}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with everything that the workflows name."""
    folder = tmp_path_factory.mktemp("models")
    tiny = make_tiny_models(folder)
    ctx = FolderContext(tmp_path_factory.mktemp("training"), tiny.by_digest)
    pictures = draw_dataset(Scenes(0, 4, 64, (1, 1)), ctx)
    latent = encode_dataset(tiny.autoencoder, pictures, ctx)
    told: dict[str, dict[str, Any]] = {"unconditional": {}}
    told |= {name: {"tokens": tell_tokens(pictures, kind)} for name, kind in TOLD.items()}  # type: ignore[arg-type]
    told |= {
        name: {"beside": tell_beside(pictures, tiny.autoencoder, ctx, kind)}  # type: ignore[arg-type]
        for name, kind in BESIDE.items()
    }
    for name, given in told.items():
        each = FolderContext(ctx.folder / name, tiny.by_digest)
        unet = train_diffusion(latent, each, **given, **NETWORK).unet
        shutil.copy(each.blob(unet.sha256), folder / f"scenes-{name}.safetensors")
    neighbours = tell_neighbours(latent, latent, 3)
    each = FolderContext(ctx.folder / "retrieval", tiny.by_digest)
    unet = train_diffusion(latent, each, neighbours, **NETWORK).unet
    shutil.copy(each.blob(unet.sha256), folder / "scenes-retrieval.safetensors")
    classes = tell_tokens(pictures, "classes")
    namer = train_classifier(latent, classes, ctx, steps=1, batch=2, width=16).classifier
    shutil.copy(ctx.blob(namer.sha256), folder / "scenes-classifier.safetensors")
    ctx = FolderContext(ctx.folder / "segmenter", tiny.by_digest)
    judge = train_segmenter(pictures, ctx, steps=1, batch=2, width=16).segmenter
    shutil.copy(ctx.blob(judge.sha256), folder / "scenes-segmenter.safetensors")
    shutil.copy(folder / "autoencoder.safetensors", folder / "scenes-autoencoder.safetensors")
    shutil.copy(folder / "inpainting.safetensors", folder / "scenes-inpaint.safetensors")
    return folder


@pytest.mark.parametrize("name", SMALL)
def test_a_workflow_of_the_family_has_no_problems(run: Run, models: Path, name: str) -> None:
    code, lines = run("--workflow", f"workflows/{name}", "--models", str(models), "--check")

    assert (code, lines) == (0, [{"event": "check", "ok": True, "problems": [], "hidden": 0}])


@pytest.mark.parametrize("name", SMALL)
def test_a_workflow_of_the_family_leaves_its_files(run: Run, models: Path, name: str) -> None:
    changes = [word for change in SMALL[name] for word in ("--set", change)]
    code, lines = run("--workflow", f"workflows/{name}", "--models", str(models), *changes)

    assert code == 0, lines
    assert lines[-1]["files"]
    assert all(Path(file).stat().st_size > 100 for file in lines[-1]["files"])
