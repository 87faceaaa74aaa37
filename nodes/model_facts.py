"""Facts of networks, from their configs: what must agree before they meet on a link."""

from __future__ import annotations

import math
from collections.abc import Mapping

from engine.node import Fact
from nodes.checkpoints.model_config import ModelConfig
from nodes.ldm.config import AutoencoderConfig, ScheduleConfig, UNetConfig
from nodes.memory import (
    attending_floats,
    decoding_floats,
    denoising_floats,
    encoding_floats,
    learning_floats,
)
from nodes.values import betas_fact


def first_stage_facts(stage: AutoencoderConfig) -> dict[str, Fact]:
    """Channels, factor, kind and latent space of a first stage.

    Two first stages of one shape still speak different languages. The scale factor, measured on the
    latents of each (Rombach et al. 2022, App. G), tells them apart, and a refined decoder keeps it.
    """
    return {
        **stage_shape_facts(stage),
        "peak": decoding_floats(stage),
        "peak_in": encoding_floats(stage),
        "space": f"{stage.regularizer} scaled by {stage.scale_factor:.6g}",
    }


def stage_shape_facts(stage: AutoencoderConfig) -> dict[str, Fact]:
    """What is known of a first stage before it is trained: all but its space."""
    return {"c": stage.embed_dim, "f": stage.factor, "kind": stage.regularizer}


def unet_facts(unet: UNetConfig, table: ScheduleConfig) -> dict[str, Fact]:
    """Latent channels, context width, concat channels, prediction and betas of a denoiser.

    What it takes to use it and to train it further is counted as well (`nodes.memory`).
    """
    return {
        "c": unet.out_channels,
        "width": unet.context_dim or 0,
        "vector": _vector_fact(unet),
        "concat": concat_fact(unet.in_channels - unet.out_channels),
        "stride": unet.stride,
        "peak": denoising_floats(unet),
        "learning": learning_floats(unet),
        "attending": attending_floats(unet),
        "prediction": table.prediction,
        "betas": betas_of(table),
    }


def weights_in(shapes: Mapping[str, tuple[int, ...]]) -> int:
    """Numbers in tensors of these shapes."""
    return sum(math.prod(shape) for shape in shapes.values())


def concat_fact(channels: int) -> str:
    """What a denoiser expects beside the latent."""
    return f"{channels} channels" if channels else "none"


def _vector_fact(unet: UNetConfig) -> str:
    """What a denoiser expects beside the timestep: class ids, or pooled text and sizes (SDXL)."""
    if unet.num_classes is not None:
        return f"one of {unet.num_classes} classes"
    return "none" if unet.adm_in_channels is None else f"a vector of {unet.adm_in_channels}"


def text_facts(config: ModelConfig) -> dict[str, Fact]:
    """Width, layers, vocabulary or classes, and the width of the vector for the whole text.

    Two encoders stand side by side (Stable Diffusion XL): their widths add up.
    """
    if config.class_embedding:
        classes = config.class_embedding
        return {"width": classes.width, "vector": "none", "classes": classes.classes}
    if bert := config.bert:
        told: dict[str, Fact] = {"width": bert.width, "vector": "none"}
        boxes = {"boxes": bert.max_tokens, "vocabulary": bert.vocab_size}
        return {**told, **boxes} if bert.reads_boxes else told
    both = [text for text in (config.text, config.text_2) if text]
    vectors = [text.projection for text in both if text.projection]
    facts: dict[str, Fact] = {
        "width": sum(text.width for text in both),
        "vector": vectors[-1] if vectors else "none",
        "layers": min(text.layers for text in both),
    }
    if config.text and config.text.grid:
        names = "\n".join(config.text.words)
        facts |= {"max_tokens": config.text.max_tokens, "grid": config.text.grid, "names": names}
    elif config.text and config.text.words:  # CLIP knows every word, and long texts are cut up
        facts |= {"max_tokens": config.text.max_tokens, "words": " ".join(config.text.words)}
    return facts


def betas_of(table: ScheduleConfig) -> str:
    """The variance schedule a denoiser was trained with."""
    return betas_fact(table.kind, table.beta_start, table.beta_end, table.timesteps)


SCENE_BETAS = betas_of(ScheduleConfig())
"""The variance schedule that training and measuring here are made for."""
