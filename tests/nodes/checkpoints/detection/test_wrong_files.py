"""What is no model for LoadModel is refused by its header: what it is instead, what to do."""

import json
import pickle
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from nodes.checkpoints.detection.checkpoint import detect
from nodes.checkpoints.header import CheckpointError
from nodes.checkpoints.layouts.shapes import Shape
from nodes.checkpoints.recognition import read_checkpoint
from tests.nodes.checkpoints.zoo import ZOO, header_of

SD1 = ZOO["Stable Diffusion 1"].shapes()
UNET = "model.diffusion_model."


def without(shapes: Mapping[str, Shape], *names: str) -> dict[str, Shape]:
    return {name: shape for name, shape in shapes.items() if name not in names}


WRONG: dict[str, tuple[Mapping[str, Shape], str]] = {
    "Flux": ({"double_blocks.0.img_attn.qkv.weight": (9, 3)}, "a Flux model; only the latent"),
    "SD 3": ({f"{UNET}joint_blocks.0.x_block.attn.qkv.weight": (9, 3)}, "a Stable Diffusion 3"),
    "PixArt": ({"adaln_single.linear.weight": (9, 3)}, "a PixArt model"),
    "Cascade": ({"effnet_mapper.0.weight": (9, 3, 1, 1)}, "a Stable Cascade model"),
    "motion module": ({"down_blocks.0.motion_modules.0.temporal_transformer.n": (3,)}, "motion"),
    "ControlNet": ({"control_model.input_hint_block.0.weight": (16, 3, 3, 3)}, "LoadControlNet"),
    "kohya LoRA": ({"lora_unet_mid_block_0.lora_down.weight": (4, 64)}, "a LoRA; load it with"),
    "PEFT LoRA": ({"unet.mid_block.attn.to_q.lora_A.weight": (4, 64)}, "a LoRA; load it with"),
    "LoHa": ({"lora_unet_mid.hada_w1_a": (4, 64)}, "a LoHa; merge it"),
    "textual inversion": ({"emb_params": (4, 768)}, "a textual inversion"),
    "language model": ({"model.layers.0.self_attn.q_proj.weight": (8, 8)}, "a language model"),
    "nothing": ({}, "found no tensor at all"),
    "strangers": ({"a": (1,), "b": (2,)}, "looked for a UNet .* found a, b"),
    "half a UNet": (
        {name: shape for name, shape in SD1.items() if ".input_blocks.0." in name},
        "no UNet that is known here",
    ),
    "a missing tensor": (
        without(SD1, f"{UNET}input_blocks.1.1.transformer_blocks.0.norm3.bias"),
        "no UNet that is known here",
    ),
    "a missing text layer": (
        without(SD1, "cond_stage_model.transformer.text_model.encoder.layers.3.mlp.fc1.bias"),
        "1 tensors are missing, first encoder.layers.3.mlp.fc1.bias",
    ),
    "a tensor of another shape": (
        {**SD1, f"{UNET}out.0.weight": (7,)},
        r"'out.0.weight' has shape \[7\], its network expects \[320\]",
    ),
    "channels that do not divide": (
        {**SD1, f"{UNET}input_blocks.4.0.out_layers.3.weight": (641, 641, 3, 3)},
        "no multiples of 320",
    ),
    "a scalar where a matrix belongs": ({**SD1, f"{UNET}input_blocks.0.0.weight": ()}, "shape"),
    "a first stage without end": (
        without(SD1, "first_stage_model.post_quant_conv.weight"),
        "'first_stage_model.post_quant_conv.weight' is missing",
    ),
    "a width beyond reason": (
        {**SD1, f"{UNET}input_blocks.0.0.weight": (2**40, 4, 3, 3)},
        "no UNet that is known here|no multiples",
    ),
    "an unknown family": (
        {
            name: (12, *shape[1:]) if name.startswith(f"{UNET}out.2.") else shape
            for name, shape in SD1.items()
        },
        "from 4 to 12 channels with a context width of 768 is of no published family",
    ),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_file_of_another_kind_is_refused_with_what_it_is(kind: str) -> None:
    shapes, said = WRONG[kind]
    with pytest.raises(ValueError, match=said):
        detect(header_of(shapes), "model.safetensors")


def pickled(path: Path) -> None:
    path.write_bytes(pickle.dumps({"state_dict": {}}))


def zipped(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({}))


def endless(path: Path) -> None:
    path.write_bytes((2**62).to_bytes(8, "little") + b"{}")


def nested(path: Path) -> None:
    text = b"[" * 100_000
    path.write_bytes(len(text).to_bytes(8, "little") + text)


def overlapping(path: Path) -> None:
    entry = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
    text = json.dumps({"a": entry, "b": entry}).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + bytes(8))


def a_page(path: Path) -> None:
    path.write_text("<!DOCTYPE html><title>Sign in to download</title>")


@pytest.mark.parametrize("write", [pickled, zipped, endless, nested, overlapping, a_page])
def test_a_file_that_only_claims_its_suffix_is_refused_unopened(
    write: Callable[[Path], None], tmp_path: Path
) -> None:
    path = tmp_path / "model.safetensors"
    write(path)
    with pytest.raises(CheckpointError, match=r"^model\.safetensors: "):
        read_checkpoint(path)


@pytest.mark.parametrize("family", ["Stable Diffusion 1", "Stable Diffusion XL"])
def test_recognising_takes_less_than_fifty_milliseconds(family: str) -> None:
    header = header_of(ZOO[family].shapes())
    took = []
    for _ in range(5):
        began = time.perf_counter()
        detect(header, "model.safetensors")
        took.append(time.perf_counter() - began)
    assert min(took) < 0.05
