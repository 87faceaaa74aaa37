"""What LoRA files call the weights of a model: made from the model's names, never parsed.

kohya-ss writes underscores for dots, so `..._to_out_0` could be many things; read against the
names a model has, it is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from nodes.checkpoints.layouts.diffusers_unet import diffusers_unet_map
from nodes.checkpoints.layouts.shapes import Shape
from nodes.checkpoints.layouts.text import text_shapes
from nodes.checkpoints.layouts.unet import unet_shapes
from nodes.ldm.config import UNetConfig
from nodes.ldm.text_config import TextEncoderConfig

Part = Literal["unet", "text", "text_2"]
DOTTED: dict[Part, tuple[str, ...]] = {
    "unet": ("unet.", ""),
    "text": ("text_encoder.",),
    "text_2": ("text_encoder_2.",),
}
UNDERSCORED: dict[Part, tuple[str, ...]] = {
    "unet": ("lora_unet_",),
    "text": ("lora_te_", "lora_te1_"),
    "text_2": ("lora_te2_",),
}
"""How names of each network's weights begin; what begins as none of the texts is the UNet's."""
_WEIGHT = ".weight"
_MODEL = "text_model."
_ATTENTIONS = (".attn1.", ".attn2.")


def part_of(stem: str) -> Part:
    """Which network a weight belongs to, by how a file calls it."""
    texts: tuple[Part, ...] = ("text", "text_2")
    for part in texts:
        if stem.startswith(DOTTED[part] + UNDERSCORED[part]):
            return part
    return "unet"


def unet_names(config: UNetConfig) -> dict[str, str]:
    """What a file may call each weight of a UNet -> our name of it.

    Both layouts are in use: kohya-ss took diffusers' names for Stable Diffusion 1 and 2 and the
    paper's for XL.
    """
    names: dict[str, str] = {}
    there = diffusers_unet_map(config)
    for ours in _weights(unet_shapes(config)):
        names |= dict.fromkeys(_underscored("unet", ours), ours)
        if not there[ours].joined:  # packed queries, keys and values have no one name in diffusers
            theirs = there[ours].name
            names |= dict.fromkeys(_underscored("unet", theirs), ours)
            names |= dict.fromkeys(_dotted("unet", theirs), ours)
    return names


def text_names(config: TextEncoderConfig, part: Part = "text") -> dict[str, str]:
    """What a file may call each weight of a text encoder -> our name of it.

    Args:
        config: Its shape.
        part: Whether it is the first text encoder of a model or the second.
    """
    names: dict[str, str] = {}
    for ours in _weights(text_shapes(config)):
        for spelling in (_MODEL + ours, ours):
            names |= dict.fromkeys(_underscored(part, spelling), ours)
            names |= dict.fromkeys(_dotted(part, spelling), ours)
    return names


def _weights(shapes: Mapping[str, Shape]) -> Iterator[str]:
    """Names of all matrices and kernels: what a LoRA can change."""
    return (name for name, shape in shapes.items() if name.endswith(_WEIGHT) and len(shape) > 1)


def _underscored(part: Part, weight: str) -> Iterator[str]:
    module = weight.removesuffix(_WEIGHT).replace(".", "_")
    return (begin + module for begin in UNDERSCORED[part])


def _dotted(part: Part, weight: str) -> Iterator[str]:
    """The module itself, and in attention the processor that older files name instead."""
    module = weight.removesuffix(_WEIGHT)
    spellings = [module]
    if any(attention in module for attention in _ATTENTIONS):
        attention, _, last = module.removesuffix(".0").rpartition(".")
        spellings.append(f"{attention}.processor.{last}")
    return (begin + spelling for begin in DOTTED[part] for spelling in spellings)
