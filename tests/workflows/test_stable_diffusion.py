"""The sd_* workflows run on checkpoints in the published layout, and say what is missing without.

The checkpoints are made on the fly: published names, reduced width, random weights.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from nodes.checkpoints.layouts.diffusers_unet import diffusers_unet_map
from nodes.ldm.controlnet import ControlNet
from nodes.ldm.controlnet_config import ControlNetConfig
from nodes.ldm.unet import UNet
from tests.nodes.checkpoints.published import SD1, SDXL, random_network, write_published

ROOT = Path(__file__).parents[2]
Run = Callable[..., tuple[int, list[dict[str, Any]]]]

SQUARE = ["width=64", "height=64"]
HOLE = [*SQUARE, "hole_width=64", "hole_height=64"]
SMALL = {
    "sd_text_to_image.json": SQUARE,
    "sd_image_to_image.json": SQUARE,
    "sd_inpaint.json": HOLE,
    "sd_inpaint_any_model.json": HOLE,
    "sdxl_text_to_image.json": SQUARE,
    "sd_lora.json": SQUARE,
    "sd_controlnet.json": [*SQUARE, "hint_width=64", "hint_height=64"],
    "sd_x4_upscale.json": ["width=32", "height=16"],
    "sd_upscale_tiled.json": ["width=128", "height=64", "tile=8", "pixels=64"],
}
FILES = {
    "v1-5-pruned-emaonly": "sd1",
    "sd-v1-5-inpainting": "sd1_inpaint",
    "sd_xl_base_1.0": "sdxl",
    "x4-upscaler-ema": "sd2_upscaler",
}
ATTENTION = "input_blocks.1.1.transformer_blocks.0.attn2"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with everything that the workflows name."""
    folder = tmp_path_factory.mktemp("models")
    for name, family in FILES.items():
        write_published(folder / f"{name}.safetensors", family)
    write_lora(folder / "lora.safetensors", SD1)
    write_lora(folder / "lora_xl.safetensors", SDXL, "input_blocks.4.1.transformer_blocks.0.attn2")
    control = random_network(ControlNet(ControlNetConfig(unet=SD1))).state_dict()
    save_file(
        {f"control_model.{name}": tensor for name, tensor in control.items()},
        folder / "control_v11p_sd15_canny.safetensors",
    )
    return folder


def write_lora(path: Path, config: Any, attention: str = ATTENTION) -> None:
    """A LoRA of rank 2 for one cross-attention, as kohya's scripts name it."""
    names = diffusers_unet_map(config)
    with torch.device("meta"):
        shapes = UNet(config).state_dict()
    tensors = {}
    for part in ("to_k", "to_v"):
        ours = f"{attention}.{part}.weight"
        stem = "lora_unet_" + names[ours].name.removesuffix(".weight").replace(".", "_")
        width, inner = shapes[ours].shape
        tensors[f"{stem}.lora_down.weight"] = torch.randn(2, inner)
        tensors[f"{stem}.lora_up.weight"] = torch.randn(width, 2)
        tensors[f"{stem}.alpha"] = torch.tensor(2.0)
    save_file(tensors, path)


def words(name: str, models: Path, *more: str) -> list[str]:
    small = [word for change in [*SMALL[name], "steps=4"] for word in ("--set", change)]
    return ["--workflow", f"workflows/{name}", "--models", str(models), *small, *more]


def test_every_workflow_for_checkpoints_has_a_small_run_here() -> None:
    assert {path.name for path in (ROOT / "workflows").glob("sd*.json")} == set(SMALL)


@pytest.mark.parametrize("name", SMALL)
def test_a_workflow_says_exactly_which_file_is_missing(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / "none").mkdir()
    code, lines = run(*words(name, tmp_path / "none"), "--check")
    document = json.loads((ROOT / "workflows" / name).read_text())
    wanted = {
        step["inputs"][port]["name"]
        for step in document["nodes"].values()
        for port in ("model", "lora", "controlnet")
        if isinstance(step["inputs"].get(port), dict) and "name" in step["inputs"][port]
    }
    assert code != 0
    told = " ".join(problem["message"] for problem in lines[0]["problems"])
    assert all(f'"{file}" was not found' in told for file in wanted)
    assert {problem["code"] for problem in lines[0]["problems"]} == {"file-missing"}


@pytest.mark.parametrize("name", SMALL)
def test_a_workflow_makes_a_picture_and_makes_it_once(
    run: Run, models: Path, tmp_path: Path, name: str
) -> None:
    code, lines = run(*words(name, models))
    assert code == 0, lines
    (file,) = lines[-1]["files"]
    with Image.open(file) as picture:
        assert picture.size == ((128, 64) if "upscale" in name else (64, 64))
        low, high = picture.convert("L").getextrema()
    assert low != high, "there is something in it"

    again, lines = run(*words(name, models))
    assert (again, lines[-1]["computed"]) == (0, 0)


def changed(name: str, folder: Path, change: Callable[[dict[str, Any]], None]) -> str:
    document = json.loads((ROOT / "workflows" / name).read_text())
    change(document["nodes"])
    (folder / "changed.json").write_text(json.dumps(document))
    shutil.copytree(ROOT / "workflows/inputs", folder / "inputs")
    return str(folder / "changed.json")


def model(file: str) -> dict[str, Any]:
    return {"type": "LoadModel", "inputs": {"model": f"{file}.safetensors"}}


def xl_lora(nodes: dict[str, Any]) -> None:
    nodes["lora"]["inputs"]["lora"] = "lora_xl.safetensors"


def xl_prompt(nodes: dict[str, Any]) -> None:
    nodes["xl"] = model("sd_xl_base_1.0")
    nodes["condition"]["inputs"]["text_encoder"] = {"link": "xl.text_encoder"}
    nodes["negative"]["inputs"]["text_encoder"] = {"link": "xl.text_encoder"}


def no_mask(nodes: dict[str, Any]) -> None:
    del nodes["denoise"]["inputs"]["concat"]
    del nodes["beside"]


def wrong_stage(nodes: dict[str, Any]) -> None:
    nodes["xl"] = model("sd_xl_base_1.0")
    nodes["start"]["inputs"]["autoencoder"] = {"link": "xl.autoencoder"}


def xl_unet_with_small_control(nodes: dict[str, Any]) -> None:
    nodes["model"]["inputs"]["model"] = "sd_xl_base_1.0.safetensors"


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("sd_lora.json", xl_lora, ("lora_xl.safetensors", "v1-5-pruned-emaonly.safetensors")),
        ("sd_text_to_image.json", xl_prompt, ("64", "128")),
        ("sd_inpaint.json", no_mask, ("expects 5 channels beside the latent",)),
        ("sd_image_to_image.json", wrong_stage, ("0.18215", "0.13025")),
        ("sd_controlnet.json", xl_unet_with_small_control, ("control_v11p_sd15_canny",)),
    ],
)
def test_what_does_not_belong_together_is_refused_before_a_weight_is_read(
    run: Run,
    models: Path,
    tmp_path: Path,
    name: str,
    change: Callable[[dict[str, Any]], None],
    said: tuple[str, ...],
) -> None:
    path = changed(name, tmp_path, change)
    code, lines = run("--workflow", path, "--models", str(models), "--check")
    assert code != 0
    told = json.dumps([p for p in lines[0]["problems"] if p["severity"] == "error"])
    assert all(word in told for word in said), told
