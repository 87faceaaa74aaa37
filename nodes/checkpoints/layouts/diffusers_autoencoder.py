"""Where a diffusers folder keeps a first stage: `AutoencoderKL` and `VQModel`."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from nodes.checkpoints.layouts.autoencoder import autoencoder_shapes
from nodes.checkpoints.layouts.diffusers_unet import OLDER
from nodes.checkpoints.layouts.renaming import Module, module_of, spelled
from nodes.checkpoints.source import KeyMap, Source
from nodes.ldm.config import AutoencoderConfig

RESNET = {"nin_shortcut": "conv_shortcut"}
ATTENTION = {
    "norm": "group_norm",
    "q": "to_q",
    "k": "to_k",
    "v": "to_v",
    "proj_out": "to_out.0",
}


def diffusers_autoencoder_map(config: AutoencoderConfig, stored: Collection[str] = ()) -> KeyMap:
    """Return where each tensor of an `Autoencoder` is stored.

    Args:
        config: Its shape.
        stored: Names in the file, which decide between spellings that mean the same.
    """
    modules = {module.ours: module for module in _modules(config)}
    places = {name: module_of(modules, name).place(name) for name in autoencoder_shapes(config)}
    return {name: Source(spelled(place, OLDER, stored)) for name, place in places.items()}


def _modules(config: AutoencoderConfig) -> Iterator[Module]:
    for same in ("quant_conv", "post_quant_conv", "quantize"):
        yield Module(same, same)
    for half in ("encoder", "decoder"):
        yield Module(f"{half}.conv_in", f"{half}.conv_in")
        yield Module(f"{half}.mid.block_1", f"{half}.mid_block.resnets.0", RESNET)
        yield Module(f"{half}.mid.attn_1", f"{half}.mid_block.attentions.0", ATTENTION)
        yield Module(f"{half}.mid.block_2", f"{half}.mid_block.resnets.1", RESNET)
        yield Module(f"{half}.norm_out", f"{half}.conv_norm_out")
        yield Module(f"{half}.conv_out", f"{half}.conv_out")
    last = len(config.widths) - 1
    for level in range(last + 1):
        # The paper's files number both halves by resolution, diffusers each by what comes first.
        yield from _level(config, f"encoder.down.{level}", f"encoder.down_blocks.{level}")
        yield from _level(config, f"decoder.up.{level}", f"decoder.up_blocks.{last - level}")


def _level(config: AutoencoderConfig, ours: str, theirs: str) -> Iterator[Module]:
    for i in range(config.num_res_blocks + 1):
        yield Module(f"{ours}.block.{i}", f"{theirs}.resnets.{i}", RESNET)
        yield Module(f"{ours}.attn.{i}", f"{theirs}.attentions.{i}", ATTENTION)
    yield Module(f"{ours}.downsample", f"{theirs}.downsamplers.0")
    yield Module(f"{ours}.upsample", f"{theirs}.upsamplers.0")
