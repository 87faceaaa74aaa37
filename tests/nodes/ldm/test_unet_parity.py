"""The UNet against diffusers, at random weights that went through a checkpoint converter.

The converters read the key layout of published latent diffusion checkpoints, so equal outputs
prove names, order and arithmetic at once. Tolerance: 1e-4 absolute in float32, at outputs of
about unit size.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
from diffusers import UNet2DConditionModel, UNet2DModel
from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint
from torch import Tensor, nn

from nodes.ldm.config import SD15, UNetConfig
from nodes.ldm.unet import UNet

Randomize = Callable[[nn.Module], None]
Weights = Mapping[str, Tensor]
TIMESTEPS = torch.tensor([0, 3, 777, 999, 500])

TEXT = UNetConfig(
    model_channels=64, num_res_blocks=1, channel_mult=(1, 2, 2), num_heads=4, context_dim=48
)
INPAINT = UNetConfig(
    in_channels=9, model_channels=64, channel_mult=(1, 2), num_heads=8, context_dim=40
)
FEW_LEVELS = UNetConfig(
    in_channels=3, out_channels=3, model_channels=64, channel_mult=(1, 2, 3), attention_ds=(4, 2),
    num_heads=1, context_dim=32, transformer_depth=2,
)  # fmt: skip
LINEAR = UNetConfig(
    model_channels=64, num_res_blocks=1, channel_mult=(1, 2, 2), attention_ds=(4, 2),
    num_head_channels=32, context_dim=48, transformer_depth=(0, 1, 3), use_linear_projection=True,
)  # fmt: skip
SMALL_GROUPS = UNetConfig(
    model_channels=48, num_res_blocks=1, channel_mult=(1, 2), attention_ds=(2,),
    num_heads=4, context_dim=32, norm_groups=8,
)  # fmt: skip
CLASSES = UNetConfig(
    model_channels=64, num_res_blocks=1, channel_mult=(1, 2), num_heads=4, context_dim=32,
    num_classes=10,
)  # fmt: skip
VECTOR = UNetConfig(
    model_channels=64, num_res_blocks=1, channel_mult=(1, 2), num_heads=4, context_dim=32,
    adm_in_channels=24,
)  # fmt: skip

UNCONDITIONAL = UNetConfig(
    in_channels=3, out_channels=3, model_channels=64, channel_mult=(1, 2, 3), attention_ds=(4, 2),
    num_head_channels=32,
)  # fmt: skip
RESAMPLED = UNetConfig(
    model_channels=64, num_res_blocks=1, channel_mult=(1, 2, 2), attention_ds=(1, 2, 4),
    num_head_channels=16, resblock_updown=True, use_scale_shift_norm=True,
)  # fmt: skip


@pytest.mark.parametrize(
    "config",
    [TEXT, INPAINT, FEW_LEVELS, LINEAR, SMALL_GROUPS, CLASSES, VECTOR],
    ids=["text", "inpaint", "few-levels", "linear", "small-groups", "classes", "vector"],
)
@torch.no_grad()
def test_a_conditional_unet_computes_what_diffusers_computes(
    config: UNetConfig, randomize: Randomize
) -> None:
    ours, reference = UNet(config).eval(), conditional_reference(config).eval()
    randomize(ours)
    prefixed = {f"model.diffusion_model.{k}": v for k, v in ours.state_dict().items()}
    reference.load_state_dict(convert_ldm_unet_checkpoint(prefixed, reference.config))
    x, context, y = inputs(config)

    expected = reference(x, TIMESTEPS, context, class_labels=y).sample
    got = ours(x, TIMESTEPS, context, y)

    assert expected.std() > 0.1
    assert (got - expected).abs().max() < 1e-4


@pytest.mark.parametrize("config", [UNCONDITIONAL, RESAMPLED], ids=["convolved", "resampled"])
@torch.no_grad()
def test_an_unconditional_unet_computes_what_diffusers_computes(
    config: UNetConfig, randomize: Randomize
) -> None:
    ours, reference = UNet(config).eval(), unconditional_reference(config).eval()
    randomize(ours)
    reference.load_state_dict(unconditional_weights(ours.state_dict(), config))
    x, _, _ = inputs(config)

    expected = reference(x, TIMESTEPS).sample
    got = ours(x, TIMESTEPS)

    assert expected.std() > 0.1
    assert (got - expected).abs().max() < 1e-4


def test_every_tensor_of_stable_diffusion_1_5_has_its_place_and_shape() -> None:
    with torch.device("meta"):
        ours, reference = UNet(SD15), conditional_reference(SD15)
    prefixed = {f"model.diffusion_model.{k}": v for k, v in ours.state_dict().items()}
    converted = convert_ldm_unet_checkpoint(prefixed, reference.config)

    assert shapes(converted) == shapes(reference.state_dict())


def inputs(config: UNetConfig) -> tuple[Tensor, Tensor | None, Tensor | None]:
    """An odd batch of latents that are not square; a context and a vector if it takes them."""
    generator = torch.Generator().manual_seed(1)
    batch = len(TIMESTEPS)
    x = torch.randn(batch, config.in_channels, 8, 12, generator=generator)
    context = y = None
    if config.context_dim is not None:
        context = torch.randn(batch, 7, config.context_dim, generator=generator)
    if config.num_classes is not None:
        y = torch.arange(batch)
    if config.adm_in_channels is not None:
        y = torch.randn(batch, config.adm_in_channels, generator=generator)
    return x, context, y


def conditional_reference(config: UNetConfig) -> Any:
    attends = [config.attends(level) for level in range(len(config.widths))]
    down = ["CrossAttnDownBlock2D" if attend else "DownBlock2D" for attend in attends]
    up = ["CrossAttnUpBlock2D" if attend else "UpBlock2D" for attend in reversed(attends)]
    embeds = {"class_embed_type": "projection"} if config.adm_in_channels else {}
    return UNet2DConditionModel(
        in_channels=config.in_channels,
        out_channels=config.out_channels,
        block_out_channels=config.widths,
        layers_per_block=config.num_res_blocks,
        down_block_types=down,
        up_block_types=up,
        attention_head_dim=tuple(config.heads(w) for w in config.widths),  # head counts, in fact
        cross_attention_dim=config.context_dim,
        transformer_layers_per_block=[max(depth, 1) for depth in config.depths],
        use_linear_projection=config.use_linear_projection,
        norm_num_groups=config.norm_groups,
        num_class_embeds=config.num_classes,
        projection_class_embeddings_input_dim=config.adm_in_channels,
        **embeds,
    )


def unconditional_reference(config: UNetConfig) -> Any:
    attends = [config.attends(level) for level in range(len(config.widths))]
    down = ["AttnDownBlock2D" if attend else "DownBlock2D" for attend in attends]
    up = ["AttnUpBlock2D" if attend else "UpBlock2D" for attend in reversed(attends)]
    resample = "resnet" if config.resblock_updown else "conv"
    return UNet2DModel(
        in_channels=config.in_channels,
        out_channels=config.out_channels,
        block_out_channels=config.widths,
        layers_per_block=config.num_res_blocks,
        down_block_types=down,
        up_block_types=up,
        attention_head_dim=config.num_head_channels,
        downsample_type=resample,
        upsample_type=resample,
        resnet_time_scale_shift="scale_shift" if config.use_scale_shift_norm else "default",
        attn_norm_num_groups=config.norm_groups,
        norm_num_groups=config.norm_groups,
        norm_eps=1e-5,
        flip_sin_to_cos=True,
        freq_shift=0,
    )


def unconditional_weights(weights: Weights, config: UNetConfig) -> dict[str, Tensor]:
    """Our names to those of `UNet2DModel`; diffusers has a converter for conditional ones only."""
    converted: dict[str, Tensor] = {}
    for name, tensor in weights.items():
        place, layer = _place(name, config.num_res_blocks)
        if layer.startswith("qkv"):
            width = tensor.shape[0] // 3
            by_head = tensor.reshape(config.heads(width), 3, -1, *tensor.shape[1:2])
            for i, part in enumerate(("to_q", "to_k", "to_v")):
                split = by_head[:, i].reshape(width, *tensor.shape[1:2])
                converted[f"{place}.{layer.replace('qkv', part)}"] = split
        else:
            names = ATTENTION_NAMES if ".attentions." in place else RESNET_NAMES
            pointwise = tensor.squeeze(-1) if tensor.ndim == 3 else tensor
            converted[f"{place}.{_rename(layer, names)}"] = pointwise
    return converted


RESNET_NAMES = {
    "in_layers.0": "norm1", "in_layers.2": "conv1", "emb_layers.1": "time_emb_proj",
    "out_layers.0": "norm2", "out_layers.3": "conv2", "skip_connection": "conv_shortcut",
    "op.": "conv.",
}  # fmt: skip
ATTENTION_NAMES = {"proj_out": "to_out.0", "norm": "group_norm"}
OUTER_NAMES = {
    "time_embed.0": "time_embedding.linear_1", "time_embed.2": "time_embedding.linear_2",
    "input_blocks.0.0": "conv_in", "out.0": "conv_norm_out", "out.2": "conv_out",
    "middle_block.0": "mid_block.resnets.0", "middle_block.1": "mid_block.attentions.0",
    "middle_block.2": "mid_block.resnets.1",
}  # fmt: skip


def _rename(name: str, names: Mapping[str, str]) -> str:
    for old, new in names.items():
        if name.startswith(old):
            return new + name.removeprefix(old)
    return name


def _place(name: str, res_blocks: int) -> tuple[str, str]:
    """Split a name of ours into the reference's module and what is left of the name."""
    for old, new in OUTER_NAMES.items():
        if name.startswith(f"{old}."):
            return new, name.removeprefix(f"{old}.")
    side, index, layer, rest = name.split(".", 3)
    down = side == "input_blocks"
    block, i = divmod(int(index) - down, res_blocks + 1)
    if rest.startswith(("norm", "qkv", "proj_out")):
        kind = f"attentions.{i}"
    elif down and i == res_blocks:
        kind = "downsamplers.0"
    elif not down and layer != "0":
        kind = "upsamplers.0"
    else:
        kind = f"resnets.{i}"
    return f"{'down' if down else 'up'}_blocks.{block}.{kind}", rest


def shapes(weights: Weights) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in weights.items()}
