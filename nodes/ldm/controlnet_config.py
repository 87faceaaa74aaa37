"""Shape of a ControlNet, as data that loads without torch."""

from __future__ import annotations

from dataclasses import dataclass

from nodes.ldm.config import MAX_WIDTH, UNetConfig, require_within

HINT_FACTOR = 8
"""Pixels of the hint along each side of a latent cell: the hint is halved three times."""


@dataclass(frozen=True, kw_only=True)
class ControlNetConfig:
    """A trainable copy of a UNet's first half  (Zhang et al. 2023, arXiv:2302.05543, Sec. 3.2).

    Attributes:
        unet: The UNet it was copied from; its way up is not used.
        hint_channels: Channels of the hint picture.
        hint_widths: Channels inside the network that brings the hint to latent size.

    Raises:
        ValueError: When a field is out of range.
    """

    unet: UNetConfig
    hint_channels: int = 3
    hint_widths: tuple[int, int, int, int] = (16, 32, 96, 256)

    def __post_init__(self) -> None:
        require_within(MAX_WIDTH, hint_channels=self.hint_channels, hint_widths=self.hint_widths)
