"""The config of a first stage from the config.json of a diffusers folder."""

from __future__ import annotations

from typing import Any

from nodes.checkpoints.diffusers.document import Fields
from nodes.ldm.config import AutoencoderConfig

KL, VQ = "AutoencoderKL", "VQModel"
DOWN = ("DownEncoderBlock2D", "AttnDownEncoderBlock2D")
UP = ("UpDecoderBlock2D", "AttnUpDecoderBlock2D")
KL_SCALE = 0.18215
"""What diffusers assumes where a KL config says nothing."""

EXPECTED: dict[str, tuple[Any, ...]] = {
    "act_fn": ("silu", "swish"),
    "out_channels": (3,),
    "norm_type": ("group",),
    "use_quant_conv": (True,),
    "use_post_quant_conv": (True,),
    "force_upcast": (True, False),
    "shift_factor": (0, 0.0),
}


def diffusers_autoencoder_config(document: object) -> AutoencoderConfig:
    """Read the config of `AutoencoderKL` or `VQModel`.

    Args:
        document: The config.json of the folder `vae` (or `vqvae`).

    Raises:
        ValueError: It asks for what is not built here, with the field.
    """
    fields = Fields(document, "vae/config.json")
    kind = fields.one_of("_class_name", (KL, VQ))
    shape = _shape(fields)
    told = _codebook(fields, shape) if kind == VQ else _scale(fields, shape)
    fields.finish(EXPECTED)
    return AutoencoderConfig(**shape, **told)


def _shape(fields: Fields) -> dict[str, Any]:
    widths = fields.widths("block_out_channels")
    if any(width % widths[0] for width in widths):
        raise fields.unexpected("block_out_channels", "multiples of the first")
    down = fields.texts("down_block_types", DOWN)
    up = fields.texts("up_block_types", UP)
    attends = [kind.startswith("Attn") for kind in down]
    if len(down) != len(widths):
        raise fields.unexpected("down_block_types", f"one for each of {len(widths)} levels")
    if [kind.startswith("Attn") for kind in reversed(up)] != attends:
        raise fields.unexpected("up_block_types", "the mirror of down_block_types")
    return {
        "in_channels": fields.count("in_channels", 3),
        "ch": widths[0],
        "ch_mult": tuple(width // widths[0] for width in widths),
        "num_res_blocks": fields.count("layers_per_block", 1),
        "z_channels": fields.count("latent_channels"),
        "attn_levels": tuple(level for level, attend in enumerate(attends) if attend),
        "mid_attention": fields.flag("mid_block_add_attention", True),
        "norm_groups": fields.count("norm_num_groups", 32),
    }


def _scale(fields: Fields, shape: dict[str, Any]) -> dict[str, Any]:
    scale = fields.number("scaling_factor", KL_SCALE)
    return {"embed_dim": shape["z_channels"], "scale_factor": scale}


def _codebook(fields: Fields, shape: dict[str, Any]) -> dict[str, Any]:
    """Latents of a quantised first stage need no scaling (Rombach et al. 2022, App. G)."""
    return {
        "embed_dim": fields.optional_count("vq_embed_dim") or shape["z_channels"],
        "n_embed": fields.count("num_vq_embeddings", 256),
        "scale_factor": fields.number("scaling_factor", 1.0),
    }
