"""Every tensor of a first stage, from its config, in the layout of the paper's own files."""

from __future__ import annotations

from itertools import pairwise

from nodes.checkpoints.layouts.shapes import Named, Shape, below, conv, embedding, norm
from nodes.ldm.config import AutoencoderConfig


def autoencoder_shapes(config: AutoencoderConfig) -> dict[str, Shape]:
    """Names and shapes of all tensors, as `nodes.ldm.autoencoder.Autoencoder` has them."""
    return dict(_autoencoder(config))


def _autoencoder(config: AutoencoderConfig) -> Named:
    moments = 2 if config.regularizer == "kl" else 1
    yield from below("encoder", _encoder(config, moments * config.z_channels))
    yield from below("decoder", _decoder(config))
    sides = (moments * config.z_channels, moments * config.embed_dim)
    yield from below("quant_conv", conv(*sides, 1, 1))
    yield from below("post_quant_conv", conv(config.embed_dim, config.z_channels, 1, 1))
    if config.n_embed is not None:
        yield from below("quantize.embedding", embedding(config.n_embed, config.embed_dim))


def _encoder(config: AutoencoderConfig, channels: int) -> Named:
    yield from below("conv_in", conv(config.in_channels, config.ch, 3, 3))
    for i, (width_in, width) in enumerate(pairwise((config.ch, *config.widths))):
        widths = [width_in] + [width] * config.num_res_blocks
        yield from below(f"down.{i}", _level(config, i, widths))
        if i != len(config.widths) - 1:
            yield from below(f"down.{i}.downsample.conv", conv(width, width, 3, 3))
    yield from _middle_and_end(config, config.widths[-1], channels)


def _decoder(config: AutoencoderConfig) -> Named:
    widths = config.widths
    yield from below("conv_in", conv(config.z_channels, widths[-1], 3, 3))
    for i, (width_in, width) in enumerate(zip((*widths[1:], widths[-1]), widths, strict=True)):
        plan = [width_in] + [width] * (config.num_res_blocks + 1)
        yield from below(f"up.{i}", _level(config, i, plan))
        if i != 0:
            yield from below(f"up.{i}.upsample.conv", conv(width, width, 3, 3))
    yield from _middle_and_end(config, widths[0], config.in_channels)


def _middle_and_end(config: AutoencoderConfig, width: int, channels: int) -> Named:
    inner = config.widths[-1]
    yield from below("mid.block_1", _resnet(inner, inner))
    if config.mid_attention:
        yield from below("mid.attn_1", _attention(inner))
    yield from below("mid.block_2", _resnet(inner, inner))
    yield from below("norm_out", norm(width))
    yield from below("conv_out", conv(width, channels, 3, 3))


def _level(config: AutoencoderConfig, level: int, widths: list[int]) -> Named:
    for i, (width, width_out) in enumerate(pairwise(widths)):
        yield from below(f"block.{i}", _resnet(width, width_out))
        if level in config.attn_levels:
            yield from below(f"attn.{i}", _attention(width_out))


def _resnet(width: int, width_out: int) -> Named:
    yield from below("norm1", norm(width))
    yield from below("conv1", conv(width, width_out, 3, 3))
    yield from below("norm2", norm(width_out))
    yield from below("conv2", conv(width_out, width_out, 3, 3))
    if width != width_out:
        yield from below("nin_shortcut", conv(width, width_out, 1, 1))


def _attention(width: int) -> Named:
    yield from below("norm", norm(width))
    for name in ("q", "k", "v", "proj_out"):
        yield from below(name, conv(width, width, 1, 1))
