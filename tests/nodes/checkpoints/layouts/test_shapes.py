"""The exact lists name what the networks really have, tensor by tensor."""

import pytest
import torch
from torch import nn

from nodes.checkpoints.layouts.autoencoder import autoencoder_shapes
from nodes.checkpoints.layouts.text import text_shapes
from nodes.checkpoints.layouts.unet import unet_shapes
from nodes.ldm.autoencoder import Autoencoder
from nodes.ldm.config import KL_F8, SD15, SD15_INPAINT, AutoencoderConfig, UNetConfig
from nodes.ldm.text_config import CLIP_L, TextEncoderConfig
from nodes.ldm.text_encoder import TextEncoder
from nodes.ldm.unet import UNet
from tests.nodes.checkpoints.zoo import CHURCHES, REFINER, SDXL

CLASSES = UNetConfig(
    in_channels=3, out_channels=3, model_channels=64, num_heads=1, context_dim=32, num_classes=10
)


def of_network(network: nn.Module) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}


@pytest.mark.parametrize("config", [SD15, SD15_INPAINT, SDXL, CHURCHES, CLASSES, REFINER])
def test_the_list_of_a_unet_is_what_it_has(config: UNetConfig) -> None:
    with torch.device("meta"):
        network = UNet(config)
    assert unet_shapes(config) == of_network(network)


@pytest.mark.parametrize(
    "config",
    [
        KL_F8,
        AutoencoderConfig(ch_mult=(1, 2, 4), n_embed=8192, embed_dim=3, z_channels=3),
        AutoencoderConfig(ch=64, ch_mult=(1, 1, 2, 4), attn_levels=(3,), num_res_blocks=1),
        AutoencoderConfig(ch=64, mid_attention=False, n_embed=16),
    ],
)
def test_the_list_of_a_first_stage_is_what_it_has(config: AutoencoderConfig) -> None:
    with torch.device("meta"):
        network = Autoencoder(config)
    assert autoencoder_shapes(config) == of_network(network)


@pytest.mark.parametrize("config", [CLIP_L, TextEncoderConfig(vocab_size=9, width=12, heads=2)])
def test_the_list_of_a_text_encoder_is_what_it_has(config: TextEncoderConfig) -> None:
    with torch.device("meta"):
        network = TextEncoder(config)
    assert text_shapes(config) == of_network(network)


def test_stable_diffusion_has_the_published_number_of_tensors() -> None:
    assert len(unet_shapes(SD15)) == 686
    assert len(unet_shapes(SDXL)) == 1680
    assert len(unet_shapes(CHURCHES)) == 520
    assert len(autoencoder_shapes(KL_F8)) == 248
    assert len(text_shapes(CLIP_L)) == 196
