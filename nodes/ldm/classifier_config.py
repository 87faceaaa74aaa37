"""Shape of a classifier of noisy latents; loads without torch."""

from __future__ import annotations

from dataclasses import dataclass

from nodes.ldm.config import MAX_WIDTH, UNetConfig, require_within

GROUPS = 16
HEADS = 4


@dataclass(frozen=True, kw_only=True)
class ClassifierConfig:
    """Classifier of latents at any noise level: `names` are its classes, in order.

    `channels` are those of the latent, `width` those of its first level.

    Raises:
        ValueError: When the width is not a multiple of 16, or a field is out of range.
    """

    names: tuple[str, ...]
    channels: int = 4
    width: int = 48

    def __post_init__(self) -> None:
        require_within(MAX_WIDTH, names=len(self.names), channels=self.channels, width=self.width)
        if self.width % GROUPS:
            raise ValueError(f"width is {self.width}, expected a multiple of {GROUPS}")

    @property
    def unet(self) -> UNetConfig:
        """The denoiser of which it is the first half."""
        return UNetConfig(
            in_channels=self.channels,
            out_channels=self.channels,
            model_channels=self.width,
            num_res_blocks=1,
            attention_ds=(4,),
            channel_mult=(1, 2, 2),
            num_heads=HEADS,
            norm_groups=GROUPS,
        )
