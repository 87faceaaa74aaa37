"""The config of a UNet from the config.json of a diffusers folder."""

from __future__ import annotations

from typing import Any

from nodes.checkpoints.diffusers.document import Fields
from nodes.ldm.config import UNetConfig

CONDITIONAL, UNCONDITIONAL = "UNet2DConditionModel", "UNet2DModel"
DOWN = ("CrossAttnDownBlock2D", "AttnDownBlock2D", "DownBlock2D", "ResnetDownsampleBlock2D")
UP = ("CrossAttnUpBlock2D", "AttnUpBlock2D", "UpBlock2D", "ResnetUpsampleBlock2D")
ATTENDING = ("CrossAttn", "Attn")
RESNET_ONLY = "ResnetDownsampleBlock2D"

EXPECTED: dict[str, tuple[Any, ...]] = {
    "act_fn": ("silu", "swish"),
    "addition_embed_type_num_heads": (64,),
    "addition_time_embed_dim": (256,),
    "attention_type": ("default",),
    "conv_in_kernel": (3,),
    "conv_out_kernel": (3,),
    "downsample_padding": (1,),
    "flip_sin_to_cos": (True,),
    "freq_shift": (0,),
    "mid_block_scale_factor": (1, 1.0),
    "mid_block_type": ("UNetMidBlock2DCrossAttn", "UNetMidBlock2D"),
    "norm_eps": (1e-5,),
    "num_train_timesteps": (1000,),
    "resnet_out_scale_factor": (1, 1.0),
    "time_embedding_type": ("positional",),
    "add_attention": (True,),
}
"""What diffusers can vary and the paper's UNets do not."""


def diffusers_unet_config(document: object) -> UNetConfig:
    """Read the config of `UNet2DConditionModel` or `UNet2DModel`.

    Args:
        document: The config.json of the folder `unet`.

    Raises:
        ValueError: It asks for what is not built here, with the field.
    """
    fields = Fields(document, "unet/config.json")
    kind = fields.one_of("_class_name", (CONDITIONAL, UNCONDITIONAL))
    shape = _shape(fields)
    told = _conditional(fields, shape) if kind == CONDITIONAL else _unconditional(fields, shape)
    fields.finish(EXPECTED)
    return UNetConfig(**shape, **told)


def _shape(fields: Fields) -> dict[str, Any]:
    """What both kinds have: channels, levels, which of them attend."""
    widths = fields.widths("block_out_channels")
    if any(width % widths[0] for width in widths):
        raise fields.unexpected("block_out_channels", "multiples of the first")
    down = fields.texts("down_block_types", DOWN)
    up = fields.texts("up_block_types", UP)
    attends = [kind.startswith(ATTENDING) for kind in down]
    if len(down) != len(widths):
        raise fields.unexpected("down_block_types", f"one for each of {len(widths)} levels")
    if [kind.startswith(ATTENDING) for kind in reversed(up)] != attends:
        raise fields.unexpected("up_block_types", "the mirror of down_block_types")
    return {
        "in_channels": fields.count("in_channels"),
        "out_channels": fields.count("out_channels"),
        "model_channels": widths[0],
        "channel_mult": tuple(width // widths[0] for width in widths),
        "num_res_blocks": fields.counts("layers_per_block", 1, 2)[0],
        "attention_ds": tuple(2**level for level, attend in enumerate(attends) if attend)[::-1],
        "norm_groups": fields.count("norm_num_groups", 32),
        "use_scale_shift_norm": _scales_and_shifts(fields),
    }


def _scales_and_shifts(fields: Fields) -> bool:
    kinds = ("default", "scale_shift")
    name = "resnet_time_scale_shift"
    return fields.one_of(name, kinds, default="default") == "scale_shift"


def _widths(shape: dict[str, Any]) -> list[int]:
    return [shape["model_channels"] * mult for mult in shape["channel_mult"]]


def _conditional(fields: Fields, shape: dict[str, Any]) -> dict[str, Any]:
    levels = len(shape["channel_mult"])
    depths = fields.counts("transformer_layers_per_block", levels, 1)
    return {
        **_heads(fields, _widths(shape)),
        **_vector(fields),
        "context_dim": fields.count("cross_attention_dim"),
        "transformer_depth": _depth(depths, shape["attention_ds"]),
        "use_linear_projection": fields.flag("use_linear_projection", False),
        "context_only": _context_only(fields, shape),
    }


def _context_only(fields: Fields, shape: dict[str, Any]) -> tuple[int, ...]:
    """The levels where no attention reads the map itself; one word would count for the middle."""
    alone = fields.flags("only_cross_attention", len(shape["channel_mult"]))
    return tuple(i for i, only in enumerate(alone) if only and 2**i in shape["attention_ds"])


def _depth(depths: tuple[int, ...], attention_ds: tuple[int, ...]) -> int | tuple[int, ...]:
    """One number where all transformers have it; 0 where a level but the last has none."""
    last = len(depths) - 1
    there = [
        depth if 2**level in attention_ds or level == last else 0
        for level, depth in enumerate(depths)
    ]
    different = set(there) - {0}
    return different.pop() if len(different) == 1 else tuple(there)


def _heads(fields: Fields, widths: list[int]) -> dict[str, int]:
    """Diffusers calls the number of heads `attention_head_dim`, by an old mistake it keeps."""
    given = fields.has("num_attention_heads")
    name = "num_attention_heads" if given else "attention_head_dim"
    heads = fields.counts(name, len(widths), 8)
    if given:
        fields.counts("attention_head_dim", len(widths), 8)
    if len(set(heads)) == 1:
        return {"num_heads": heads[0]}
    channels = {width // count for width, count in zip(widths, heads, strict=True) if count > 0}
    if len(channels) != 1:
        raise fields.unexpected(name, "one number of heads, or heads of one width")
    return {"num_head_channels": channels.pop()}


def _vector(fields: Fields) -> dict[str, int]:
    """What stands beside the timestep: text and sizes (XL), a class, or nothing."""
    added = fields.one_of("addition_embed_type", ("text_time",), optional=True)
    kind = fields.one_of("class_embed_type", ("projection",), optional=True)
    width = fields.optional_count("projection_class_embeddings_input_dim")
    classes = fields.optional_count("num_class_embeds")
    if added or kind:
        if width is None or classes is not None or (added and kind):
            raise fields.unexpected("projection_class_embeddings_input_dim", "a whole number")
        return {"adm_in_channels": width}
    return {} if classes is None else {"num_classes": classes}


def _unconditional(fields: Fields, shape: dict[str, Any]) -> dict[str, Any]:
    groups = fields.optional_count("attn_norm_num_groups")
    if groups != shape["norm_groups"] and (groups or shape["use_scale_shift_norm"]):
        raise fields.unexpected("attn_norm_num_groups", str(shape["norm_groups"]))
    down = fields.one_of("downsample_type", ("conv", "resnet"), default="conv")
    up = fields.one_of("upsample_type", ("conv", "resnet"), default="conv")
    if down != up:
        raise fields.unexpected("upsample_type", repr(down))
    head = fields.optional_count("attention_head_dim") if fields.has("attention_head_dim") else 8
    classes = fields.optional_count("num_class_embeds")
    return {
        **({"num_heads": 1} if head is None else {"num_head_channels": head}),
        **({} if classes is None else {"num_classes": classes}),
        "resblock_updown": down == "resnet",
    }
