"""Where published files keep each network: data, tried from the top."""

from __future__ import annotations

from dataclasses import dataclass

from nodes.checkpoints.model_config import PartName

WRAPPERS = ("", "state_dict.", "module.", "model.module.")
"""What some tools put before every name."""


@dataclass(frozen=True)
class Place:
    """Where a network may be.

    Attributes:
        kind: What reads it there.
        part: Which part of a model it becomes.
        prefix: What its names begin with.
        marker: A tensor that is there if it is.
    """

    kind: str
    part: PartName
    prefix: str
    marker: str


_UNET, _STAGE = "input_blocks.0.0.weight", "decoder.conv_in.weight"
_CLIP, _OPEN_CLIP = "embeddings.token_embedding.weight", "token_embedding.weight"

UNETS = tuple(
    Place("unet", "unet", prefix, _UNET)
    for prefix in ("model.diffusion_model.", "diffusion_model.", "")
)
FIRST_STAGES = tuple(
    Place("first_stage", "first_stage", prefix, _STAGE)
    for prefix in ("first_stage_model.", "vae.", "")
)
TEXTS = (
    Place("clip_l", "text", "conditioner.embedders.0.transformer.text_model.", _CLIP),
    Place("clip_g", "text_2", "conditioner.embedders.1.model.", _OPEN_CLIP),
    Place("clip_g_only", "text", "conditioner.embedders.0.model.", _OPEN_CLIP),
    Place("clip", "text", "cond_stage_model.transformer.text_model.", _CLIP),
    Place("clip", "text", "cond_stage_model.transformer.", _CLIP),
    Place("open_clip", "text", "cond_stage_model.model.", _OPEN_CLIP),
    Place("bert", "bert", "cond_stage_model.transformer.", "token_emb.weight"),
    Place("class", "class_embedding", "cond_stage_model.", "embedding.weight"),
    Place("label_map", "label_map", "cond_stage_model.", "channel_mapper.weight"),
    Place("clip", "text", "text_model.", _CLIP),
)

EMA_PREFIX = "model_ema."
EMA_NETWORK = "diffusion_model."
"""The averaged weights are kept under the network's names without their dots."""
FEWEST_EMA = 100

UNUSED = (
    "betas", "alphas_cumprod", "alphas_cumprod_prev", "sqrt_alphas_cumprod",
    "sqrt_one_minus_alphas_cumprod", "log_one_minus_alphas_cumprod", "sqrt_recip_alphas_cumprod",
    "sqrt_recipm1_alphas_cumprod", "posterior_variance", "posterior_log_variance_clipped",
    "posterior_mean_coef1", "posterior_mean_coef2", "logvar", "lvlb_weights", "model_ema.decay",
    "model_ema.num_updates", "scale_factor", "v_pred", "ztsnr", "denoiser.sigmas",
    "cond_stage_model.logit_scale", "cond_stage_model.model.logit_scale",
    "conditioner.embedders.1.model.logit_scale", "conditioner.embedders.0.model.logit_scale",
    "cond_stage_model.model.text_projection", "cond_stage_model.model.attn_mask",
    "cond_stage_model.transformer.to_logits.weight", "cond_stage_model.transformer.to_logits.bias",
    "cond_stage_model.transformer.text_projection.weight", "logit_scale", "text_projection.weight",
)  # fmt: skip
"""Tensors of published files that no network needs: training's schedule, CLIP's picture side."""
UNUSED_ENDINGS = ("position_ids",)
UNUSED_BEGINNINGS = ("first_stage_model.loss.", "loss.", "model_ema.", "embedding_manager.")
