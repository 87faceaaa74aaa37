"""Which modules hold nodes: an explicit list, so that nothing is found by accident."""

from types import ModuleType

from nodes import (
    cross_attn_condition,
    decode,
    encode,
    evaluate,
    image,
    latent,
    load,
    mask,
    noise_schedule,
    scenes,
    train,
    train_judge,
    unet_denoise,
)

MODULES: tuple[ModuleType, ...] = (
    load,
    encode,
    noise_schedule,
    cross_attn_condition,
    unet_denoise,
    decode,
    latent,
    image,
    mask,
    scenes,
    train,
    train_judge,
    evaluate,
)
