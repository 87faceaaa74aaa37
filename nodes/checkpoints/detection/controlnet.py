"""The config of a ControlNet from the shapes of its tensors, in either layout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from nodes.checkpoints.detection.fitting import check_fit
from nodes.checkpoints.detection.tensors import Tensors
from nodes.checkpoints.detection.unet import MARKER, Heads, unet_config
from nodes.checkpoints.header import Header
from nodes.checkpoints.layouts.controlnet import (
    controlnet_shapes,
    diffusers_controlnet_map,
    encoder_shapes,
)
from nodes.checkpoints.layouts.shapes import Shape
from nodes.checkpoints.source import KeyMap, Source, same_names
from nodes.ldm.config import UNetConfig
from nodes.ldm.controlnet_config import ControlNetConfig

PREFIXES = ("control_model.", "")
HINT, THEIR_HINT = "input_hint_block.0.weight", "controlnet_cond_embedding.conv_in.weight"
_SHOWN = 3


def controlnet_config(header: Header) -> tuple[ControlNetConfig, KeyMap]:
    """Recognise a ControlNet and say where its tensors are.

    Args:
        header: Of the file.

    Raises:
        ValueError: It is none, or one with tensors that are not known here.
    """
    shapes = {name: info.shape for name, info in header.tensors.items()}
    for prefix in PREFIXES:
        if prefix + HINT in shapes:
            tensors = Tensors(shapes, prefix)
            config = _with_hint(_published(tensors), tensors, "input_hint_block.{}", (0, 4, 8, 12))
            names = same_names(controlnet_shapes(config), prefix)
            return config, _held(config, names, shapes)
    if THEIR_HINT in shapes:
        tensors = Tensors(shapes)
        hint = "controlnet_cond_embedding.{}"
        layers = ("conv_in", "blocks.1", "blocks.3", "blocks.5")
        config = _with_hint(_diffusers(tensors), tensors, hint, layers)
        return config, _held(config, diffusers_controlnet_map(config, shapes), shapes)
    first = ", ".join(sorted(shapes)[:_SHOWN]) or "no tensor at all"
    raise ValueError(
        f"no ControlNet: looked for {PREFIXES[0]}{HINT} or {THEIR_HINT}, found {first}"
    )


def _published(tensors: Tensors) -> UNetConfig:
    """In the paper's layout: as a UNet is read, but for its way up, which is not there."""
    channels = tensors.size(MARKER, 1)
    whole = Tensors({**tensors, "out.2.weight": (channels, 1)})
    return _with_heads(unet_config(whole, Heads(count=1), expected=encoder_shapes))


def _diffusers(tensors: Tensors) -> UNetConfig:
    """In diffusers' layout; block by block as the names tell."""
    levels = range(tensors.count("down_blocks.#.resnets.0."))
    first, channels = tensors.size("conv_in.weight", 0), tensors.size("conv_in.weight", 1)
    widths = [tensors.size(f"down_blocks.{i}.resnets.0.conv1.weight", 0) for i in levels]
    if not widths or any(width % first for width in widths):
        raise ValueError(f"its levels are {widths} channels wide, no multiples of {first}")
    depths = [tensors.count(f"down_blocks.{i}.attentions.0.transformer_blocks.#.") for i in levels]
    middle = "mid_block.attentions.0."
    there = [*depths[:-1], tensors.count(f"{middle}transformer_blocks.#.")]
    vectors = [n for n in ("add_embedding.linear_1.weight", "class_embedding.linear_1.weight")
               if n in tensors]  # fmt: skip
    config = UNetConfig(
        in_channels=channels,
        out_channels=channels,
        model_channels=first,
        num_res_blocks=tensors.count("down_blocks.0.resnets.#."),
        attention_ds=tuple(2**i for i in levels if depths[i])[::-1],
        channel_mult=tuple(width // first for width in widths),
        num_heads=1,
        context_dim=tensors.size(f"{middle}transformer_blocks.0.attn2.to_k.weight", 1),
        transformer_depth=tuple(there) if len({*there} - {0}) > 1 else max(there),
        use_linear_projection=len(tensors.get(f"{middle}proj_in.weight", ())) == 2,
        adm_in_channels=tensors.size(vectors[0], 1) if vectors else None,
    )
    return _with_heads(config)


def _with_heads(config: UNetConfig) -> UNetConfig:
    """No shape tells: 8 heads in Stable Diffusion 1, heads of 64 channels in 2 and XL."""
    if config.use_linear_projection:
        return replace(config, num_heads=None, num_head_channels=64)
    return replace(config, num_heads=8, num_head_channels=None)


def _with_hint(
    unet: UNetConfig, tensors: Tensors, place: str, layers: tuple[object, ...]
) -> ControlNetConfig:
    weights = [f"{place.format(layer)}.weight" for layer in layers]
    first, second, third, fourth = (tensors.size(name, 0) for name in weights)
    return ControlNetConfig(
        unet=unet,
        hint_channels=tensors.size(weights[0], 1),
        hint_widths=(first, second, third, fourth),
    )


def _held(
    config: ControlNetConfig, names: Mapping[str, Source], shapes: Mapping[str, Shape]
) -> KeyMap:
    """Hold the file to the exact list: nothing is missing, nothing is left over."""
    check_fit(controlnet_shapes(config), names, shapes)
    if strangers := sorted(shapes.keys() - {source.name for source in names.values()}):
        raise ValueError(
            f"{len(strangers)} tensors are none of a ControlNet that is known here, first"
            f" {', '.join(strangers[:_SHOWN])}"
        )
    return names
