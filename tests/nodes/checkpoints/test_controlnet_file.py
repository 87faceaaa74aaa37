"""ControlNets in both layouts are recognised, loaded and steer a step as diffusers' do."""

from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import ControlNetModel, UNet2DConditionModel
from safetensors.torch import save_file
from torch import Tensor

from nodes.checkpoints.controlnet_file import load_controlnet
from nodes.checkpoints.detection.controlnet import controlnet_config
from nodes.checkpoints.diffusers.unet import diffusers_unet_config
from nodes.checkpoints.header import CheckpointError, Header, TensorInfo
from nodes.checkpoints.layouts.controlnet import controlnet_shapes
from nodes.checkpoints.layouts.diffusers_unet import diffusers_unet_map
from nodes.checkpoints.layouts.unet import unet_shapes
from nodes.ldm.config import SD15
from nodes.ldm.control import Control, controlled
from nodes.ldm.controlnet_config import ControlNetConfig
from nodes.ldm.unet import UNet
from tests.nodes.checkpoints.loading import config_json, error, filled, randomized

TIMESTEPS = torch.tensor([777, 777, 777])
CROSS, PLAIN = "CrossAttnDownBlock2D", "DownBlock2D"
UP_CROSS, UP_PLAIN = "CrossAttnUpBlock2D", "UpBlock2D"
SD1: dict[str, Any] = {
    "block_out_channels": (64, 128, 128),
    "down_block_types": (CROSS, CROSS, PLAIN),
    "cross_attention_dim": 48,
    "attention_head_dim": 8,
}
SD2 = {**SD1, "attention_head_dim": (1, 2, 2), "use_linear_projection": True}
SDXL = {
    **SD2,
    "down_block_types": (PLAIN, CROSS, CROSS),
    "transformer_layers_per_block": (1, 2, 3),
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 8,
    "projection_class_embeddings_input_dim": 72,
}
ADDED = {"text_embeds": torch.zeros(3, 24), "time_ids": torch.zeros(3, 6)}


def drawn(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape)))


def reference(fields: dict[str, Any]) -> tuple[Any, Any]:
    """A UNet and a ControlNet of diffusers."""
    up = {CROSS: UP_CROSS, PLAIN: UP_PLAIN}
    ups = tuple(up[kind] for kind in reversed(fields["down_block_types"]))
    unet = randomized(UNet2DConditionModel(**fields, up_block_types=ups))
    return unet, randomized(ControlNetModel(**fields))


def ours(unet: Any) -> UNet:
    config = diffusers_unet_config({**config_json(unet), "addition_time_embed_dim": 256})
    stored = unet.state_dict()
    return filled(UNet(config), diffusers_unet_map(config, stored), stored)


def published(control: Any, folder: Path, prefix: str) -> Path:
    """Write diffusers' ControlNet in the layout of the published files."""
    stored = control.state_dict()
    header = Header({n: TensorInfo("F32", tuple(t.shape)) for n, t in stored.items()}, {})
    config, names = controlnet_config(header)
    tensors = {
        prefix + name: stored[source.name].reshape(controlnet_shapes(config)[name])
        for name, source in names.items()
    }
    path = folder / "control.safetensors"
    save_file(tensors, path)
    return path


@pytest.mark.parametrize("fields", [SD1, SD2, SDXL], ids=["1", "2", "xl"])
@pytest.mark.parametrize("layout", ["diffusers", "control_model.", ""])
@torch.no_grad()
def test_a_controlled_step_is_what_diffusers_computes(
    fields: dict[str, Any], layout: str, tmp_path: Path
) -> None:
    unet, control = reference(fields)
    if layout == "diffusers":
        path = tmp_path / "control.safetensors"
        save_file(control.state_dict(), path)
    else:
        path = published(control, tmp_path, layout)
    x, hint, context = drawn(3, 4, 8, 12), drawn(3, 3, 64, 96).sigmoid(), drawn(3, 7, 48)
    told = {"added_cond_kwargs": ADDED} if fields is SDXL else {}
    y = embedded() if fields is SDXL else None
    down, middle = control(
        x, TIMESTEPS, context, hint, conditioning_scale=0.7, return_dict=False, **told
    )
    expected = unet(
        x, TIMESTEPS, context, down_block_additional_residuals=down,
        mid_block_additional_residual=middle, **told,
    ).sample  # fmt: skip
    plain = ours(unet)
    network = controlled(plain, [Control(load_controlnet(path), hint, 0.7)], last=999)
    assert error(network(x, TIMESTEPS, context, y), expected) < 1e-5
    assert error(plain(x, TIMESTEPS, context, y), expected) > 1e-2


def embedded() -> Tensor:
    """A vector of zero text and zero sizes, whose cosines are 1."""
    sizes = torch.cat([torch.ones(3, 6, 4), torch.zeros(3, 6, 4)], dim=2).flatten(1)
    return torch.cat([torch.zeros(3, 24), sizes], dim=1)


def test_the_published_controlnet_has_the_published_number_of_tensors() -> None:
    shapes = controlnet_shapes(ControlNetConfig(unet=SD15))
    header = Header({f"control_model.{n}": TensorInfo("F16", s) for n, s in shapes.items()}, {})
    config, names = controlnet_config(header)
    assert len(shapes) == 340
    assert config == ControlNetConfig(unet=SD15)
    assert names.keys() == shapes.keys()


@pytest.mark.parametrize(
    ("shapes", "said"),
    [
        ({}, "no tensor at all"),
        (unet_shapes(SD15), "looked for control_model.input_hint_block.0.weight"),
        (
            {**controlnet_shapes(ControlNetConfig(unet=SD15)), "task_embedding": (6, 320)},
            "1 tensors are none of a ControlNet that is known here, first task_embedding",
        ),
        ({"input_hint_block.0.weight": (16, 3, 3, 3)}, "no multiples|blocks|missing"),
        ({"controlnet_cond_embedding.conv_in.weight": (16, 3, 3, 3)}, "conv_in.weight"),
    ],
)
def test_what_is_no_controlnet_is_refused(shapes: dict[str, tuple[int, ...]], said: str) -> None:
    header = Header({name: TensorInfo("F16", shape) for name, shape in shapes.items()}, {})
    with pytest.raises(ValueError, match=said):
        controlnet_config(header)


def test_a_lora_is_no_controlnet_and_says_which_file(tmp_path: Path) -> None:
    path = tmp_path / "style.safetensors"
    save_file({"lora_unet_conv_in.lora_down.weight": torch.zeros(1, 4)}, path)
    with pytest.raises(CheckpointError, match=r"style.safetensors: no ControlNet"):
        load_controlnet(path)
