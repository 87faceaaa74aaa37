"""Which modules hold nodes: an explicit list, so that nothing is found by accident."""

from types import ModuleType

from nodes import (
    class_condition,
    control,
    cross_attn_condition,
    decode,
    encode,
    evaluate,
    flow,
    image,
    latent,
    layout_condition,
    load,
    lora,
    mask,
    noise_schedule,
    noise_source,
    scenes,
    size_condition,
    textual_inversion,
    train_denoiser,
    train_first_stage,
    train_judge,
    unet_denoise,
    upscale_condition,
)

SOFTWARE = ("torch", "numpy", "pillow")
"""Installed distributions that results depend on; receipts tell their versions."""

MODULES: tuple[ModuleType, ...] = (
    load,
    lora,
    textual_inversion,
    encode,
    noise_schedule,
    noise_source,
    cross_attn_condition,
    class_condition,
    layout_condition,
    size_condition,
    upscale_condition,
    control,
    unet_denoise,
    decode,
    latent,
    image,
    mask,
    flow,
    scenes,
    train_first_stage,
    train_denoiser,
    train_judge,
    evaluate,
)
