"""A LoRA of any tool changes a network's output by its two maps, and the base stays as it was."""

import json
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from nodes.checkpoints.header import CheckpointError
from nodes.checkpoints.lora.adding import add_lora
from nodes.checkpoints.lora.names import text_names, unet_names
from nodes.ldm.config import SD15, UNetConfig
from nodes.ldm.text_config import TextEncoderConfig
from nodes.ldm.text_encoder import TextEncoder
from nodes.ldm.unet import UNet
from tests.nodes.checkpoints.loading import randomized
from tests.nodes.checkpoints.lora.forms import (
    ALPHA,
    FORMS,
    RANK,
    TINY,
    lora_tensors,
    matrices,
    written,
)

BLOCK = "input_blocks.1.1.transformer_blocks.0"
ATTENTION = [f"{BLOCK}.attn1.to_q", f"{BLOCK}.attn2.to_k", f"{BLOCK}.attn2.to_out.0"]
OTHERS = [f"{BLOCK}.ff.net.0.proj", f"{BLOCK}.ff.net.2", "input_blocks.1.1.proj_in"]
CONVOLUTIONS = ["input_blocks.1.0.in_layers.2", "input_blocks.2.0.op", "time_embed.0"]
KOHYA = FORMS["kohya, diffusers names"]


@pytest.fixture(scope="module")
def weights() -> dict[str, Tensor]:
    return randomized(UNet(TINY)).state_dict()


@pytest.mark.parametrize("name", FORMS)
def test_every_tools_names_mean_the_same_weights(
    name: str, weights: dict[str, Tensor], tmp_path: Path
) -> None:
    modules = ATTENTION if name == "processors" else ATTENTION + OTHERS + CONVOLUTIONS
    path = written(tmp_path, lora_tensors(FORMS[name], weights, modules))
    patched = add_lora(weights, unet_names(TINY), "unet", path, 0.8)
    assert patched.keys() == {f"{module}.weight" for module in modules}
    scale = 0.8 * (ALPHA / RANK if FORMS[name].alpha else 1.0)
    for i, module in enumerate(modules):
        weight = weights[f"{module}.weight"]
        down, up = matrices(weight, i)
        expected = weight.flatten(1) + scale * up.flatten(1) @ down.flatten(1)
        assert torch.allclose(patched[f"{module}.weight"].flatten(1), expected, atol=1e-6)


def test_a_convolution_in_two_or_three_factors_is_the_layers_one_after_another(
    weights: dict[str, Tensor], tmp_path: Path
) -> None:
    stem, ours = "lora_unet_down_blocks_0_resnets_0_conv1", "input_blocks.1.0.in_layers.2.weight"
    generator = torch.Generator().manual_seed(0)
    x, down, mid, up = (
        torch.randn(shape, generator=generator)
        for shape in ((2, 32, 5, 7), (RANK, 32, 1, 1), (4, RANK, 3, 3), (32, 4, 1, 1))
    )
    path = written(
        tmp_path,
        {
            f"{stem}.lora_down.weight": down,
            f"{stem}.lora_mid.weight": mid,
            f"{stem}.lora_up.weight": up,
        },
    )
    patched = add_lora(weights, unet_names(TINY), "unet", path, 0.5)[ours]
    beside = F.conv2d(F.conv2d(F.conv2d(x, down), mid, padding=1), up)
    expected = F.conv2d(x, weights[ours], padding=1) + 0.5 * beside
    assert torch.allclose(F.conv2d(x, patched, padding=1), expected, atol=1e-4)


def test_the_base_is_bit_equal_before_and_after(weights: dict[str, Tensor], tmp_path: Path) -> None:
    before = {name: tensor.clone() for name, tensor in weights.items()}
    path = written(tmp_path, lora_tensors(KOHYA, weights, ATTENTION))
    add_lora(weights, unet_names(TINY), "unet", path, 1.0)
    assert all(torch.equal(weights[name], tensor) for name, tensor in before.items())


def test_at_strength_zero_nothing_changes(weights: dict[str, Tensor], tmp_path: Path) -> None:
    path = written(tmp_path, lora_tensors(KOHYA, weights, ATTENTION))
    assert add_lora(weights, unet_names(TINY), "unet", path, 0.0) == {}


def test_adding_and_taking_away_again_is_the_base(
    weights: dict[str, Tensor], tmp_path: Path
) -> None:
    path = written(tmp_path, lora_tensors(KOHYA, weights, ATTENTION))
    added = {**weights, **add_lora(weights, unet_names(TINY), "unet", path, 0.7)}
    back = add_lora(added, unet_names(TINY), "unet", path, -0.7)
    assert all(torch.allclose(back[name], weights[name], atol=1e-6) for name in back)


def test_half_precision_weights_are_summed_in_float32_and_rounded_once(
    weights: dict[str, Tensor], tmp_path: Path
) -> None:
    path = written(tmp_path, lora_tensors(KOHYA, weights, ATTENTION))
    halves = {name: tensor.bfloat16() for name, tensor in weights.items()}
    exact = add_lora(
        {name: half.float() for name, half in halves.items()}, unet_names(TINY), "unet", path, 1.0
    )
    patched = add_lora(halves, unet_names(TINY), "unet", path, 1.0)
    assert all(torch.equal(patched[name], exact[name].bfloat16()) for name in exact)


def test_the_settings_of_peft_in_the_header_scale_the_sum(
    weights: dict[str, Tensor], tmp_path: Path
) -> None:
    tensors = lora_tensors(FORMS["peft"], weights, ATTENTION)
    settings = {"unet.r": RANK, "unet.lora_alpha": 12, "unet.alpha_pattern": {"attn1.to_q": 3}}
    path = written(tmp_path, tensors, lora_adapter_metadata=json.dumps(settings))
    patched = add_lora(weights, unet_names(TINY), "unet", path, 1.0)
    for i, alpha in enumerate((3, 12, 12)):
        name = f"{ATTENTION[i]}.weight"
        down, up = matrices(weights[name], i)
        expected = weights[name] + alpha / RANK * up @ down
        assert torch.allclose(patched[name], expected, atol=1e-5)


@pytest.mark.parametrize("begin", ["lora_te_", "lora_te1_", "text_encoder."])
def test_a_text_encoder_takes_its_own_part_and_passes_over_the_rest(
    begin: str, weights: dict[str, Tensor], tmp_path: Path
) -> None:
    config = TextEncoderConfig(vocab_size=9, width=12, heads=2, layers=2, tokenizer="clip")
    text = TextEncoder(config).state_dict()
    module = "encoder.layers.1.mlp.fc1"
    down, up = matrices(text[f"{module}.weight"], 5)
    dotted = f"text_model.{module}"
    stem = begin + (dotted if begin.endswith(".") else dotted.replace(".", "_"))
    tensors = {f"{stem}.lora_down.weight": down, f"{stem}.lora_up.weight": up}
    path = written(tmp_path, {**tensors, **lora_tensors(KOHYA, weights, ATTENTION)})
    patched = add_lora(text, text_names(config), "text", path, 1.0)
    assert patched.keys() == {f"{module}.weight"}
    assert torch.allclose(patched[f"{module}.weight"], text[f"{module}.weight"] + up @ down)
    assert add_lora(text, text_names(config, "text_2"), "text_2", path, 1.0) == {}


def test_a_lora_of_another_width_is_refused_by_the_weight(
    weights: dict[str, Tensor], tmp_path: Path
) -> None:
    wide = dict(weights)
    wide[f"{ATTENTION[1]}.weight"] = torch.zeros(32, 48)
    path = written(tmp_path, lora_tensors(KOHYA, wide, ATTENTION))
    with pytest.raises(CheckpointError, match=r"lora.*\[32, 48\].*\[32, 24\].*family"):
        add_lora(weights, unet_names(TINY), "unet", path, 1.0)


def test_weights_that_the_network_does_not_have_are_refused_by_name(
    weights: dict[str, Tensor], tmp_path: Path
) -> None:
    tensors = lora_tensors(KOHYA, weights, ATTENTION)
    strange = {name.replace("down_blocks_0", "down_blocks_7"): t for name, t in tensors.items()}
    path = written(tmp_path, strange)
    with pytest.raises(CheckpointError, match=r"3 of its 3 weights.*down_blocks_7"):
        add_lora(weights, unet_names(TINY), "unet", path, 1.0)


@pytest.mark.parametrize("config", [SD15, TINY])
def test_no_two_weights_go_by_one_name(config: UNetConfig) -> None:
    names = unet_names(config)
    underscored = [name for name in names if name.startswith("lora_unet_")]
    assert len(set(names.values())) * 2 >= len(underscored) > len(set(names.values()))
