"""First stages as diffusers stores them are read whole, and compute the same here."""

from typing import Any

import pytest
import torch
from diffusers import AutoencoderKL, VQModel

from nodes.checkpoints.diffusers.autoencoder import diffusers_autoencoder_config
from nodes.checkpoints.layouts.autoencoder import autoencoder_shapes
from nodes.checkpoints.layouts.diffusers_autoencoder import diffusers_autoencoder_map
from nodes.checkpoints.layouts.diffusers_unet import OLDER
from nodes.ldm.autoencoder import Autoencoder
from tests.nodes.checkpoints.loading import (
    config_json,
    error,
    filled,
    places,
    randomized,
    respelled,
)

LEVELS: dict[str, Any] = {
    "block_out_channels": (32, 64, 64),
    "down_block_types": ("DownEncoderBlock2D",) * 3,
    "up_block_types": ("UpDecoderBlock2D",) * 3,
    "layers_per_block": 2,
}
KL = {**LEVELS, "latent_channels": 4, "scaling_factor": 0.13025}
PLAIN_KL = {**KL, "mid_block_add_attention": False, "norm_num_groups": 16}
VQ = {**LEVELS, "num_vq_embeddings": 64, "vq_embed_dim": 3, "latent_channels": 3}
ATTENDING_VQ = {
    **VQ,
    "down_block_types": ("DownEncoderBlock2D", *("AttnDownEncoderBlock2D",) * 2),
    "up_block_types": (*("AttnUpDecoderBlock2D",) * 2, "UpDecoderBlock2D"),
}


@pytest.mark.parametrize("fields", [KL, PLAIN_KL], ids=["kl", "without-attention"])
@torch.no_grad()
def test_a_kl_first_stage_of_diffusers_computes_the_same_here(fields: dict[str, Any]) -> None:
    reference = randomized(AutoencoderKL(**fields))
    ours = loaded(reference)
    x = images()
    latent = reference.encode(x).latent_dist
    assert ours.config.scale_factor == fields["scaling_factor"]
    assert error(ours.posterior(ours.encode(x)).mean, latent.mean) < 1e-5
    assert error(ours.decode(latent.mean), reference.decode(latent.mean).sample) < 1e-5


@pytest.mark.parametrize("fields", [VQ, ATTENDING_VQ], ids=["vq", "attending"])
@torch.no_grad()
def test_a_vq_first_stage_of_diffusers_computes_the_same_here(fields: dict[str, Any]) -> None:
    reference = randomized(VQModel(**fields))
    ours = loaded(reference)
    x = images()
    latent = reference.encode(x).latents
    decoded = reference.decode(latent, force_not_quantize=True).sample
    assert error(ours.encode(x), latent) < 1e-5
    assert error(ours.decode(latent, quantize=False), decoded) < 1e-5


def test_older_folders_name_the_parts_of_attention_otherwise() -> None:
    with torch.device("meta"):
        reference = VQModel(**ATTENDING_VQ)
    older = respelled(reference.state_dict(), OLDER)
    config = diffusers_autoencoder_config(config_json(reference))
    assert places(diffusers_autoencoder_map(config, older)) == older


def loaded(reference: Any) -> Autoencoder:
    """Read the reference through its config and names, which must cover both sides exactly."""
    stored = reference.state_dict()
    config = diffusers_autoencoder_config(config_json(reference))
    names = diffusers_autoencoder_map(config, stored)
    assert places(names) == set(stored)
    assert set(names) == set(autoencoder_shapes(config))
    return filled(Autoencoder(config), names, stored)


def images() -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.rand(3, 3, 32, 48, generator=generator) * 2 - 1
