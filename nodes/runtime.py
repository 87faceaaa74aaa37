"""From a reference to a network in memory: the one place where stage nodes meet weights.

Weights are read on first use, through the engine's per-process cache, and are never changed: what
is cached under a reference is what the file holds.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from engine.node import Context
from nodes import values
from nodes.checkpoints import model_file
from nodes.ldm.autoencoder import Autoencoder
from nodes.ldm.text_encoder import TextEncoder, WordTokenizer
from nodes.ldm.unet import UNet


@dataclass(frozen=True)
class OpenAutoencoder:
    """A first stage ready to compute; latents are z * scale."""

    network: Autoencoder
    scale: float
    device: torch.device
    dtype: torch.dtype


@dataclass(frozen=True)
class OpenUNet:
    """A denoiser ready to compute; `prediction` says what it predicts: eps, v or x0."""

    network: UNet
    prediction: str
    device: torch.device
    dtype: torch.dtype


@dataclass(frozen=True)
class OpenTextEncoder:
    """A text transformer with its tokenizer."""

    network: TextEncoder
    tokenizer: WordTokenizer
    device: torch.device


def open_autoencoder(ctx: Context, part: values.Autoencoder) -> OpenAutoencoder:
    """The first stage that `part` refers to."""
    device, dtype = placement(ctx)

    def load() -> OpenAutoencoder:
        network = model_file.load_autoencoder(ctx.blob(part.sha256), device, dtype)
        return OpenAutoencoder(network, network.config.scale_factor, device, dtype)

    return ctx.resource(f"autoencoder {part.sha256} {device} {dtype}", load)


def open_unet(ctx: Context, part: values.UNet) -> OpenUNet:
    """The denoiser that `part` refers to."""
    device, dtype = placement(ctx)

    def load() -> OpenUNet:
        path = ctx.blob(part.sha256)
        network = model_file.load_unet(path, device, dtype)
        return OpenUNet(network, part.prediction, device, dtype)

    return ctx.resource(f"unet {part.sha256} {device} {dtype}", load)


def open_text_encoder(ctx: Context, part: values.TextEncoder) -> OpenTextEncoder:
    """The text transformer that `part` refers to."""
    device, dtype = placement(ctx)

    def load() -> OpenTextEncoder:
        network = model_file.load_text_encoder(ctx.blob(part.sha256), device, dtype)
        return OpenTextEncoder(network, WordTokenizer.of(network.config), device)

    return ctx.resource(f"text encoder {part.sha256} {device} {dtype}", load)


def open_judge(ctx: Context, part: values.Judge) -> JudgeNetwork:
    """The classifier that `part` refers to, in float32."""
    device, _ = placement(ctx)
    return ctx.resource(
        f"judge {part.sha256} {device}",
        lambda: model_file.load_judge(ctx.blob(part.sha256), device),
    )


def placement(ctx: Context) -> tuple[torch.device, torch.dtype]:
    """Where and in which type this run computes.

    Raises:
        ValueError: When the device is not there.
    """
    device = torch.device(ctx.settings.device)
    if device.type == "cuda" and not torch.cuda.is_available():
        raise ValueError("device is cuda but torch sees no CUDA device; use --device cpu")
    return device, {"float32": torch.float32, "bfloat16": torch.bfloat16}[ctx.settings.numerics]
