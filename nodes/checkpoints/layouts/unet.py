"""Every tensor of a UNet, from its config, in the layout of the paper's own files."""

from __future__ import annotations

from collections.abc import Iterator

from nodes.checkpoints.layouts.shapes import Named, Shape, below, conv, embedding, linear, norm
from nodes.ldm.config import UNetConfig


def unet_shapes(config: UNetConfig) -> dict[str, Shape]:
    """Names and shapes of all tensors, as `nodes.ldm.unet.UNet` has them."""
    return dict(_unet(config))


def _unet(config: UNetConfig) -> Named:
    width, time = config.model_channels, _time(config)
    yield from below("time_embed.0", linear(width, time))
    yield from below("time_embed.2", linear(time, time))
    yield from below("label_emb", _label(config))
    skips: list[int] = []
    for index, (width_out, block) in enumerate(down_blocks(config)):
        skips.append(width_out)
        yield from below(f"input_blocks.{index}", block)
    yield from below("middle_block", middle(config))
    for index, block in enumerate(_up_blocks(config, skips)):
        yield from below(f"output_blocks.{index}", block)
    yield from below("out.0", norm(config.widths[0]))
    yield from below("out.2", conv(config.widths[0], config.out_channels, 3, 3))


def down_blocks(config: UNetConfig) -> Iterator[tuple[int, Named]]:
    """The way down, block by block: its channels, its tensors."""
    width = config.model_channels
    yield width, below("0", conv(config.in_channels, width, 3, 3))
    for level, level_width in enumerate(config.widths):
        for _ in range(config.num_res_blocks):
            yield level_width, _resnet_and_attention(config, width, level)
            width = level_width
        if level != len(config.widths) - 1:
            yield width, below("0", _resampler(config, width, "op"))


def middle(config: UNetConfig) -> Named:
    """The innermost blocks."""
    width, level = config.widths[-1], len(config.widths) - 1
    yield from below("0", _resnet(config, width, width))
    yield from below("1", _attention(config, level))
    yield from below("2", _resnet(config, width, width))


def _up_blocks(config: UNetConfig, skips: list[int]) -> Iterator[Named]:
    width, waiting = config.widths[-1], list(skips)
    for level, level_width in reversed(list(enumerate(config.widths))):
        for i in range(config.num_res_blocks + 1):
            ends = level != 0 and i == config.num_res_blocks
            yield _up_block(config, width + waiting.pop(), level, ends=ends)
            width = level_width


def _up_block(config: UNetConfig, width: int, level: int, *, ends: bool) -> Named:
    yield from _resnet_and_attention(config, width, level)
    if ends:
        place = 2 if config.attends(level) else 1
        yield from below(str(place), _resampler(config, config.widths[level], "conv"))


def _resnet_and_attention(config: UNetConfig, width: int, level: int) -> Named:
    yield from below("0", _resnet(config, width, config.widths[level]))
    if config.attends(level):
        alone = level in config.context_only
        yield from below("1", _attention(config, level, context_only=alone))


def _resampler(config: UNetConfig, width: int, name: str) -> Named:
    if config.resblock_updown:
        return _resnet(config, width, width)
    return below(name, conv(width, width, 3, 3))


def _time(config: UNetConfig) -> int:
    return 4 * config.model_channels


def _label(config: UNetConfig) -> Named:
    if config.num_classes is not None:
        yield from embedding(config.num_classes, _time(config))
    if config.adm_in_channels is not None:
        yield from below("0.0", linear(config.adm_in_channels, _time(config)))
        yield from below("0.2", linear(_time(config), _time(config)))


def _resnet(config: UNetConfig, width: int, width_out: int) -> Named:
    yield from below("in_layers.0", norm(width))
    yield from below("in_layers.2", conv(width, width_out, 3, 3))
    both = 2 if config.use_scale_shift_norm else 1
    yield from below("emb_layers.1", linear(_time(config), both * width_out))
    yield from below("out_layers.0", norm(width_out))
    yield from below("out_layers.3", conv(width_out, width_out, 3, 3))
    if width != width_out:
        yield from below("skip_connection", conv(width, width_out, 1, 1))


def _attention(config: UNetConfig, level: int, *, context_only: bool = False) -> Named:
    width = config.widths[level]
    yield from below("norm", norm(width))
    if config.context_dim is None:
        yield from below("qkv", conv(width, 3 * width, 1))
        yield from below("proj_out", conv(width, width, 1))
        return
    kernel = () if config.use_linear_projection else (1, 1)
    yield from below("proj_in", conv(width, width, *kernel))
    yield from below("proj_out", conv(width, width, *kernel))
    for i in range(config.depths[level]):
        first = config.context_dim if context_only else width
        block = _transformer(width, first, config.context_dim)
        yield from below(f"transformer_blocks.{i}", block)


def _transformer(width: int, first: int, context: int) -> Named:
    for name, source in (("attn1", first), ("attn2", context)):
        yield from below(f"{name}.to_q", linear(width, width, bias=False))
        yield from below(f"{name}.to_k", linear(source, width, bias=False))
        yield from below(f"{name}.to_v", linear(source, width, bias=False))
        yield from below(f"{name}.to_out.0", linear(width, width))
    yield from below("ff.net.0.proj", linear(width, 8 * width))
    yield from below("ff.net.2", linear(4 * width, width))
    for i in (1, 2, 3):
        yield from below(f"norm{i}", norm(width))
