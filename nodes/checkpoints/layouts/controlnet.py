"""Every tensor of a ControlNet, in the layout of the published files and in that of diffusers."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import pairwise

from nodes.checkpoints.layouts.diffusers_unet import diffusers_encoder_modules
from nodes.checkpoints.layouts.renaming import Module, module_of
from nodes.checkpoints.layouts.shapes import Named, Shape, below, conv
from nodes.checkpoints.layouts.unet import down_blocks, unet_shapes
from nodes.checkpoints.source import KeyMap, Source
from nodes.ldm.config import UNetConfig
from nodes.ldm.controlnet_config import ControlNetConfig

_WAY_UP = ("output_blocks.", "out.")


def encoder_shapes(config: UNetConfig) -> dict[str, Shape]:
    """Names and shapes of a UNet's tensors without its way up."""
    shapes = unet_shapes(config)
    return {name: shape for name, shape in shapes.items() if not name.startswith(_WAY_UP)}


def controlnet_shapes(config: ControlNetConfig) -> dict[str, Shape]:
    """Names and shapes of all tensors, as `nodes.ldm.controlnet.ControlNet` has them."""
    return {**encoder_shapes(config.unet), **dict(_added(config))}


def diffusers_controlnet_map(config: ControlNetConfig, stored: Collection[str] = ()) -> KeyMap:
    """Return where diffusers' `ControlNetModel` keeps each tensor.

    Args:
        config: Its shape.
        stored: Names in the file, which decide between spellings that mean the same.
    """
    modules = {module.ours: module for module in _modules(config, stored)}
    return {
        name: Source(module_of(modules, name).place(name)) for name in controlnet_shapes(config)
    }


def _added(config: ControlNetConfig) -> Named:
    """What a ControlNet has beside the copy: the hint's network and the zero convolutions."""
    first = config.hint_widths[0]
    yield from below("input_hint_block.0", conv(config.hint_channels, first, 3, 3))
    for i, (width, wider) in enumerate(pairwise(config.hint_widths)):
        yield from below(f"input_hint_block.{4 * i + 2}", conv(width, width, 3, 3))
        yield from below(f"input_hint_block.{4 * i + 4}", conv(width, wider, 3, 3))
    last = (config.hint_widths[-1], config.unet.model_channels)
    yield from below("input_hint_block.14", conv(*last, 3, 3))
    for i, (width, _) in enumerate(down_blocks(config.unet)):
        yield from below(f"zero_convs.{i}.0", conv(width, width, 1, 1))
    width = config.unet.widths[-1]
    yield from below("middle_block_out.0", conv(width, width, 1, 1))


def _modules(config: ControlNetConfig, stored: Collection[str]) -> Iterator[Module]:
    yield from diffusers_encoder_modules(config.unet, stored)
    hint = "controlnet_cond_embedding"
    yield Module("input_hint_block.0", f"{hint}.conv_in")
    for i in range(2 * (len(config.hint_widths) - 1)):
        yield Module(f"input_hint_block.{2 * i + 2}", f"{hint}.blocks.{i}")
    yield Module("input_hint_block.14", f"{hint}.conv_out")
    for i, _ in enumerate(down_blocks(config.unet)):
        yield Module(f"zero_convs.{i}.0", f"controlnet_down_blocks.{i}")
    yield Module("middle_block_out.0", "controlnet_mid_block")
