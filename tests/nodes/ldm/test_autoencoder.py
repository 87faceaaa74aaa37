"""The first stage against diffusers, at random weights that went through a checkpoint converter.

Tolerance: 1e-4 absolute in float32, at outputs of about unit size.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
from diffusers import AutoencoderKL, VQModel
from diffusers.loaders.single_file_utils import convert_ldm_vae_checkpoint
from torch import Tensor, nn

from nodes.ldm.autoencoder import Autoencoder
from nodes.ldm.config import KL_F8, AutoencoderConfig

Randomize = Callable[[nn.Module], None]

KL = AutoencoderConfig(ch=32, ch_mult=(1, 2, 2), num_res_blocks=2)
KL_BOTTLENECK = AutoencoderConfig(
    ch=32, ch_mult=(1, 2), num_res_blocks=1, z_channels=8, embed_dim=3
)
KL_WITHOUT_ATTENTION = AutoencoderConfig(
    ch=32, ch_mult=(1, 2, 2, 2), num_res_blocks=1, mid_attention=False, norm_groups=16
)
VQ = AutoencoderConfig(
    ch=32, ch_mult=(1, 2, 2), num_res_blocks=1, z_channels=3, embed_dim=3, n_embed=64
)
VQ_ATTENDING = AutoencoderConfig(
    ch=32, ch_mult=(1, 2, 2), num_res_blocks=2, attn_levels=(1, 2), n_embed=128
)


@pytest.mark.parametrize(
    "config",
    [KL, KL_BOTTLENECK, KL_WITHOUT_ATTENTION],
    ids=["kl", "bottleneck", "without-attention"],
)
@torch.no_grad()
def test_a_kl_autoencoder_computes_what_diffusers_computes(
    config: AutoencoderConfig, randomize: Randomize
) -> None:
    ours, reference = pair(config, randomize)
    x = images(config)

    expected = reference.encode(x).latent_dist
    posterior = ours.posterior(ours.encode(x))
    z = expected.mean

    assert z.std() > 0.05
    assert z.shape[2:] == (x.shape[2] // config.factor, x.shape[3] // config.factor)
    assert distance(posterior.mean, expected.mean) < 1e-4
    assert distance(posterior.std, expected.std) < 1e-4
    assert distance(ours.decode(z), reference.decode(z).sample) < 1e-4


@pytest.mark.parametrize("config", [VQ, VQ_ATTENDING], ids=["vq", "attending"])
@torch.no_grad()
def test_a_vq_autoencoder_computes_what_diffusers_computes(
    config: AutoencoderConfig, randomize: Randomize
) -> None:
    ours, reference = pair(config, randomize)
    x = images(config)

    assert distance(ours.encode(x), reference.encode(x).latents) < 1e-4

    z = torch.randn(3, config.embed_dim, 8, 12, generator=torch.Generator().manual_seed(2))
    _, loss, (_, _, codes) = reference.quantize(z)
    quantized = ours.quantized(z)

    assert codes.unique().numel() > 10
    assert torch.equal(quantized.codes.flatten(), codes)
    assert distance(quantized.loss, loss) < 1e-5
    assert distance(ours.decode(z), reference.decode(z).sample) < 1e-4
    raw = reference.decode(z, force_not_quantize=True).sample
    assert distance(ours.decode(z, quantize=False), raw) < 1e-4


@pytest.mark.parametrize(
    ("config", "tensors", "millions"),
    [
        pytest.param(KL_F8, 244, 83.65, id="KL f8 of Stable Diffusion"),
        pytest.param(
            AutoencoderConfig(
                ch_mult=(1, 1, 2, 2, 4), z_channels=16, embed_dim=16, attn_levels=(4,)
            ),
            338, 69.6, id="KL f16",
        ),
        pytest.param(
            AutoencoderConfig(ch_mult=(1, 2, 2, 4), attn_levels=(3,), n_embed=16384),
            294, 67.65, id="VQ f8",
        ),
        pytest.param(
            AutoencoderConfig(ch_mult=(1, 2, 4), z_channels=3, embed_dim=3, n_embed=8192),
            200, 55.3, id="VQ f4",
        ),
        pytest.param(
            AutoencoderConfig(
                ch_mult=(1, 2, 4), z_channels=3, embed_dim=3, mid_attention=False, n_embed=8192
            ),
            180, 53.19, id="VQ f4 without attention",
        ),
    ],
)  # fmt: skip
def test_encoder_and_decoder_of_a_published_config_have_the_published_size(
    config: AutoencoderConfig, tensors: int, millions: float
) -> None:
    with torch.device("meta"):
        autoencoder = Autoencoder(config)
    halves = (autoencoder.encoder, autoencoder.decoder)

    assert sum(len(half.state_dict()) for half in halves) == tensors
    weights = sum(p.numel() for half in halves for p in half.parameters()) / 1e6
    assert weights == pytest.approx(millions, abs=0.05)


def test_every_tensor_of_the_stable_diffusion_first_stage_has_its_place_and_shape() -> None:
    with torch.device("meta"):
        ours, reference = Autoencoder(KL_F8), kl_reference(KL_F8)
        converted = convert(ours.state_dict(), reference)

    assert shapes(converted) == shapes(reference.state_dict())
    assert len(ours.state_dict()) == 248


def test_a_posterior_keeps_its_standard_deviation_within_the_clamp() -> None:
    moments = torch.zeros(1, 8, 1, 2)
    moments[:, 4:, :, 0], moments[:, 4:, :, 1] = -1e4, 1e4

    std = Autoencoder(KL_WITHOUT_ATTENTION).posterior(moments).std

    assert torch.allclose(std[0, 0, 0].log(), torch.tensor([-15.0, 10.0]))


def test_a_vq_posterior_is_a_point() -> None:
    z = torch.randn(1, 3, 4, 4)
    posterior = Autoencoder(VQ).posterior(z)

    assert torch.equal(posterior.mean, z)
    assert posterior.std.count_nonzero() == 0


def test_gradients_reach_every_weight_of_a_vq_autoencoder_straight_through(
    randomize: Randomize,
) -> None:
    autoencoder = Autoencoder(VQ)
    randomize(autoencoder)

    with torch.autocast("cpu", torch.bfloat16):
        quantized = autoencoder.quantized(autoencoder.encode(images(VQ)))
        out = autoencoder.decode(quantized.z, quantize=False)
    torch.autograd.backward(out.float().square().mean() + quantized.loss.float())

    assert out.dtype == torch.bfloat16
    assert all(p.grad is not None and p.grad.isfinite().all() for p in autoencoder.parameters())
    first = autoencoder.encoder.conv_in.weight.grad
    assert first is not None
    assert first.count_nonzero() > 0


def pair(config: AutoencoderConfig, randomize: Randomize) -> tuple[Autoencoder, Any]:
    ours = Autoencoder(config).eval()
    reference = (kl_reference if config.n_embed is None else vq_reference)(config).eval()
    randomize(ours)
    reference.load_state_dict(convert(ours.state_dict(), reference))
    return ours, reference


def images(config: AutoencoderConfig) -> Tensor:
    """An odd batch of images in [-1, 1] that are not square."""
    generator = torch.Generator().manual_seed(1)
    return torch.rand(3, config.in_channels, 32, 48, generator=generator) * 2 - 1


def distance(a: Tensor, b: Tensor) -> float:
    return float((a - b).abs().max())


def kl_reference(config: AutoencoderConfig) -> Any:
    levels = len(config.widths)
    z, c = config.z_channels, config.embed_dim
    reference = AutoencoderKL(
        block_out_channels=config.widths,
        down_block_types=["DownEncoderBlock2D"] * levels,
        up_block_types=["UpDecoderBlock2D"] * levels,
        layers_per_block=config.num_res_blocks,
        latent_channels=z,
        norm_num_groups=config.norm_groups,
        mid_block_add_attention=config.mid_attention,
    )
    # diffusers has one width for both sides of these; the paper's models may have two
    reference.quant_conv = nn.Conv2d(2 * z, 2 * c, 1)
    reference.post_quant_conv = nn.Conv2d(c, z, 1)
    return reference


def vq_reference(config: AutoencoderConfig) -> Any:
    attends = [level in config.attn_levels for level in range(len(config.widths))]
    down = ["AttnDownEncoderBlock2D" if attend else "DownEncoderBlock2D" for attend in attends]
    up = ["AttnUpDecoderBlock2D" if attend else "UpDecoderBlock2D" for attend in attends[::-1]]
    reference = VQModel(
        block_out_channels=config.widths,
        down_block_types=down,
        up_block_types=up,
        layers_per_block=config.num_res_blocks,
        latent_channels=config.z_channels,
        num_vq_embeddings=config.n_embed,
        vq_embed_dim=config.embed_dim,
        norm_num_groups=config.norm_groups,
    )
    reference.quantize.legacy = False  # the legacy loss weighs the wrong one of its two terms
    return reference


def convert(weights: Mapping[str, Tensor], reference: Any) -> dict[str, Tensor]:
    """diffusers' converter, and what it leaves out: attention in levels, and the codebook."""
    outside = re.compile(r"(encoder|decoder)\.(down|up)\.\d+\.attn|quantize")
    prefixed = {f"first_stage_model.{n}": t for n, t in weights.items() if not outside.match(n)}
    converted: dict[str, Tensor] = convert_ldm_vae_checkpoint(prefixed, reference.config)
    last = len(reference.config.block_out_channels) - 1
    for name in filter(outside.match, weights):
        tensor = weights[name]
        if name.startswith("quantize"):
            converted[name] = tensor
        else:
            pointwise = tensor.squeeze((2, 3)) if tensor.ndim == 4 else tensor
            converted[_level_attention(name, last)] = pointwise
    return converted


def _level_attention(name: str, last: int) -> str:
    half, side, level, _, index, layer, kind = name.split(".")
    place = int(level) if side == "down" else last - int(level)
    layer = {"norm": "group_norm", "proj_out": "to_out.0"}.get(layer, f"to_{layer}")
    return f"{half}.{side}_blocks.{place}.attentions.{index}.{layer}.{kind}"


def shapes(weights: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in weights.items()}
