"""The config of a first stage from the shapes of its tensors; its scale factor is not in them."""

from __future__ import annotations

from nodes.checkpoints.detection.tensors import Tensors
from nodes.ldm.config import AutoencoderConfig

MARKER = "decoder.conv_in.weight"


def first_stage_config(tensors: Tensors, scale_factor: float) -> AutoencoderConfig:
    """Read the config off the shapes.

    Args:
        tensors: Those of the first stage, without prefix.
        scale_factor: What latents are multiplied with.

    Raises:
        ValueError: A tensor is missing that every first stage has.
    """
    ch = tensors.size("encoder.conv_in.weight", 0)
    levels = tensors.count("encoder.down.#.block.0.")
    widths = [tensors.size(f"encoder.down.{i}.block.0.conv1.weight", 0) for i in range(levels)]
    if not widths or any(width % ch for width in widths):
        raise ValueError(f"its levels are {widths} channels wide, no multiples of {ch}")
    codebook = "quantize.embedding.weight"
    return AutoencoderConfig(
        in_channels=tensors.size("encoder.conv_in.weight", 1),
        ch=ch,
        ch_mult=tuple(width // ch for width in widths),
        num_res_blocks=tensors.count("encoder.down.0.block.#."),
        z_channels=tensors.size(MARKER, 1),
        embed_dim=tensors.size("post_quant_conv.weight", 1),
        attn_levels=tuple(sorted(tensors.numbers("encoder.down.#.attn.0."))),
        mid_attention=tensors.any_below("encoder.mid.attn_1."),
        n_embed=tensors.size(codebook, 0) if codebook in tensors else None,
        scale_factor=scale_factor,
    )
