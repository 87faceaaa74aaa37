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
