"""Where a diffusers folder keeps a UNet: `UNet2DConditionModel` and `UNet2DModel`.

There each level is a block with lists of residual blocks, attentions and resamplers, where the
paper's files count all of them in one row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from nodes.checkpoints.layouts.renaming import Module, module_of, spelled
from nodes.checkpoints.layouts.unet import unet_shapes
from nodes.checkpoints.source import KeyMap, Source
from nodes.ldm.config import UNetConfig

RESNET = {
    "in_layers.0": "norm1",
    "in_layers.2": "conv1",
    "emb_layers.1": "time_emb_proj",
    "out_layers.0": "norm2",
    "out_layers.3": "conv2",
    "skip_connection": "conv_shortcut",
}
RESAMPLER = {**RESNET, "op": "conv"}
SELF_ATTENTION = {"norm": "group_norm", "proj_out": "to_out.0"}
VECTOR = {"0.0": "linear_1", "0.2": "linear_2"}
QUERY_KEY_VALUE = ("to_q", "to_k", "to_v")
OLDER = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
"""Names of the parts of self-attention today, and in folders saved before diffusers 0.17."""


def diffusers_unet_map(config: UNetConfig, stored: Collection[str] = ()) -> KeyMap:
    """Return where each tensor of a `UNet` is stored.

    Args:
        config: Its shape.
        stored: Names in the file, which decide between spellings that mean the same.
    """
    modules = {module.ours: module for module in _modules(config, stored)}
    return {
        name: _source(config, name, module_of(modules, name), stored)
        for name in unet_shapes(config)
    }


def diffusers_encoder_modules(config: UNetConfig, stored: Collection[str] = ()) -> Iterator[Module]:
    """The half that a ControlNet has too: embeddings, the way down and the middle."""
    yield Module("time_embed.0", "time_embedding.linear_1")
    yield Module("time_embed.2", "time_embedding.linear_2")
    yield from _label(stored)
    yield from _down(config)
    attention = {} if config.context_dim else SELF_ATTENTION
    yield Module("middle_block.0", "mid_block.resnets.0", RESNET)
    yield Module("middle_block.1", "mid_block.attentions.0", attention)
    yield Module("middle_block.2", "mid_block.resnets.1", RESNET)


def _modules(config: UNetConfig, stored: Collection[str]) -> Iterator[Module]:
    yield from diffusers_encoder_modules(config, stored)
    yield from _up(config)
    yield Module("out.0", "conv_norm_out")
    yield Module("out.2", "conv_out")


def _label(stored: Collection[str]) -> Iterator[Module]:
    """A vector beside the timestep goes by two names: of text and sizes (XL), or of a class."""
    text_and_sizes = "class_embedding.linear_1.weight" not in stored
    yield Module("label_emb", "class_embedding")
    embedding = "add_embedding" if text_and_sizes else "class_embedding"
    for ours, theirs in VECTOR.items():
        yield Module(f"label_emb.{ours}", f"{embedding}.{theirs}")


def _down(config: UNetConfig) -> Iterator[Module]:
    yield Module("input_blocks.0.0", "conv_in")
    index = 1
    for level in range(len(config.widths)):
        block = f"down_blocks.{level}"
        for i in range(config.num_res_blocks):
            yield from _place(config, f"input_blocks.{index}", block, level, i)
            index += 1
        if level != len(config.widths) - 1:
            yield Module(f"input_blocks.{index}.0", f"{block}.downsamplers.0", RESAMPLER)
            index += 1


def _up(config: UNetConfig) -> Iterator[Module]:
    per_level = config.num_res_blocks + 1
    for up, level in enumerate(reversed(range(len(config.widths)))):
        block = f"up_blocks.{up}"
        for i in range(per_level):
            ours = f"output_blocks.{up * per_level + i}"
            yield from _place(config, ours, block, level, i)
        if level != 0:
            after = 2 if config.attends(level) else 1
            yield Module(f"{ours}.{after}", f"{block}.upsamplers.0", RESAMPLER)


def _place(config: UNetConfig, ours: str, theirs: str, level: int, i: int) -> Iterator[Module]:
    """A residual block and, where the level has it, the attention behind it."""
    yield Module(f"{ours}.0", f"{theirs}.resnets.{i}", RESNET)
    if config.attends(level):
        names = {} if config.context_dim else SELF_ATTENTION
        yield Module(f"{ours}.1", f"{theirs}.attentions.{i}", names)


def _source(config: UNetConfig, name: str, module: Module, stored: Collection[str]) -> Source:
    inside = name.removeprefix(f"{module.ours}.")
    if inside.startswith("qkv."):
        kind = inside.removeprefix("qkv.")
        parts = (f"{module.theirs}.{part}.{kind}" for part in QUERY_KEY_VALUE)
        first, *others = (spelled(part, OLDER, stored) for part in parts)
        width = unet_shapes(config)[name][0] // len(QUERY_KEY_VALUE)
        return Source(first, joined=tuple(others), turns=config.heads(width))
    place = module.place(name)
    return Source(spelled(place, OLDER, stored) if module.names is SELF_ATTENTION else place)
