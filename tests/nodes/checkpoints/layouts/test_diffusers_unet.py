"""UNets as diffusers stores them are read whole, by its config and names, and compute the same."""

from typing import Any

import pytest
import torch
from diffusers import UNet2DConditionModel, UNet2DModel
from torch import Tensor

from nodes.checkpoints.diffusers.unet import diffusers_unet_config
from nodes.checkpoints.layouts.diffusers_unet import OLDER, diffusers_unet_map
from nodes.checkpoints.layouts.unet import unet_shapes
from nodes.ldm.unet import UNet
from tests.nodes.checkpoints.loading import (
    config_json,
    error,
    filled,
    places,
    randomized,
    respelled,
)

TIMESTEPS = torch.tensor([0, 777, 999])
CROSS, PLAIN = "CrossAttnDownBlock2D", "DownBlock2D"
UP_CROSS, UP_PLAIN = "CrossAttnUpBlock2D", "UpBlock2D"
SD1: dict[str, Any] = {
    "block_out_channels": (64, 128, 128),
    "down_block_types": (CROSS, CROSS, PLAIN),
    "up_block_types": (UP_PLAIN, UP_CROSS, UP_CROSS),
    "cross_attention_dim": 48,
    "attention_head_dim": 8,
}
SD2 = {**SD1, "attention_head_dim": (2, 4, 4), "use_linear_projection": True}
SDXL = {
    **SD1,
    "down_block_types": (PLAIN, CROSS, CROSS),
    "up_block_types": (UP_CROSS, UP_CROSS, UP_PLAIN),
    "attention_head_dim": (2, 4, 4),
    "use_linear_projection": True,
    "transformer_layers_per_block": (1, 2, 3),
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 6 * 256 + 24,
}
CLASSES = {**SD2, "num_class_embeds": 10}
PROJECTED = {
    **SD2,
    "class_embed_type": "projection",
    "projection_class_embeddings_input_dim": 20,
}
FACES: dict[str, Any] = {
    "block_out_channels": (64, 128, 192),
    "down_block_types": (PLAIN, "AttnDownBlock2D", "AttnDownBlock2D"),
    "up_block_types": ("AttnUpBlock2D", "AttnUpBlock2D", UP_PLAIN),
    "attention_head_dim": 32,
    "norm_eps": 1e-5,
}
CHURCHES: dict[str, Any] = {
    **FACES,
    "down_block_types": ("AttnDownBlock2D",) * 3,
    "up_block_types": ("AttnUpBlock2D",) * 3,
    "downsample_type": "resnet",
    "upsample_type": "resnet",
    "resnet_time_scale_shift": "scale_shift",
    "attn_norm_num_groups": 32,
    "layers_per_block": 1,
}


@pytest.mark.parametrize(
    "fields", [SD1, SD2, SDXL, CLASSES, PROJECTED], ids=["1", "2", "xl", "classes", "projected"]
)
@torch.no_grad()
def test_a_conditional_unet_of_diffusers_computes_the_same_here(fields: dict[str, Any]) -> None:
    reference = randomized(UNet2DConditionModel(**fields))
    config, ours = loaded(reference)
    x = drawn(3, 4, 8, 12)
    context = drawn(3, 7, 48)
    y, told = vector(fields)
    expected = reference(x, TIMESTEPS, context, **told).sample
    assert error(ours(x, TIMESTEPS, context, y), expected) < 1e-5
    assert config.takes_vector == (y is not None)


@pytest.mark.parametrize("fields", [FACES, CHURCHES], ids=["faces", "churches"])
@torch.no_grad()
def test_an_unconditional_unet_of_diffusers_computes_the_same_here(fields: dict[str, Any]) -> None:
    reference = randomized(UNet2DModel(**fields))
    _, ours = loaded(reference)
    x = drawn(3, 3, 8, 12)
    assert error(ours(x, TIMESTEPS), reference(x, TIMESTEPS).sample) < 1e-5


def test_older_folders_name_the_parts_of_self_attention_otherwise() -> None:
    with torch.device("meta"):
        reference = UNet2DModel(**FACES)
    older = respelled(reference.state_dict(), OLDER)
    config = diffusers_unet_config(config_json(reference))
    assert older != set(reference.state_dict())
    assert places(diffusers_unet_map(config, older)) == older


def loaded(reference: Any) -> tuple[Any, UNet]:
    """Read the reference through its config and names, which must cover both sides exactly."""
    stored = reference.state_dict()
    config = diffusers_unet_config(config_json(reference))
    names = diffusers_unet_map(config, stored)
    assert places(names) == set(stored)
    assert set(names) == set(unet_shapes(config))
    return config, filled(UNet(config), names, stored)


def vector(fields: dict[str, Any]) -> tuple[Tensor | None, dict[str, Any]]:
    """What a UNet is told beside the timestep: as ours takes it, as the reference does."""
    if "num_class_embeds" in fields:
        classes = torch.tensor([1, 5, 9])
        return classes, {"class_labels": classes}
    if "class_embed_type" in fields:
        y = drawn(3, 20)
        return y, {"class_labels": y}
    if "addition_embed_type" in fields:
        return sizes_and_text()
    return None, {}


def sizes_and_text() -> tuple[Tensor, dict[str, Any]]:
    from diffusers.models.embeddings import get_timestep_embedding

    text, sizes = drawn(3, 24), torch.tensor([[512, 768, 0, 32, 1024, 1024.0]]).expand(3, 6)
    embedded = get_timestep_embedding(sizes.flatten(), 256, True, 0).reshape(3, -1)
    told = {"text_embeds": text, "time_ids": sizes}
    return torch.cat([text, embedded], dim=1), {"added_cond_kwargs": told}


def drawn(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape)))
