"""Shape of the tiny autoencoder of previews, as data that loads without torch."""

from __future__ import annotations

from dataclasses import dataclass

from nodes.ldm.config import MAX_WIDTH, require_within

ENCODER_BLOCKS = (1, 3, 3, 3)
DECODER_BLOCKS = (3, 3, 3, 1)
"""Blocks at each resolution, in the order they are passed."""


@dataclass(frozen=True, kw_only=True)
class TaesdConfig:
    """TAESD (Bohan 2023, github.com/madebyollin/taesd): f = 8, latents as the denoiser sees them.

    Raises:
        ValueError: When a field is out of range.
    """

    width: int = 64
    latent_channels: int = 4

    def __post_init__(self) -> None:
        require_within(MAX_WIDTH, width=self.width, latent_channels=self.latent_channels)
