"""A classifier p(y | z_t, t) of noisy latents, whose gradient can steer a denoiser.

The first half of a UNet with a linear head, as Dhariwal and Nichol 2021 (arXiv:2105.05233,
Sec. 4) cut theirs out of the denoiser, and as the paper has it on latents (App. C).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from nodes.ldm.classifier_config import ClassifierConfig
from nodes.ldm.unet import UNetEncoder


class NoisyClassifier(nn.Module):
    """Names the class of a latent at any noise level."""

    def __init__(self, config: ClassifierConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = UNetEncoder(config.unet)
        width = config.unet.widths[-1]
        self.out = nn.Sequential(nn.GroupNorm(config.unet.norm_groups, width), nn.SiLU())
        self.head = nn.Linear(2 * width, len(config.names))

    def forward(self, z_t: Tensor, timesteps: Tensor) -> Tensor:
        """Score the classes of noisy latents.

        Args:
            z_t: B c h w, of unit variance; h and w are multiples of the encoder's stride.
            timesteps: B, in 0..T-1.

        Returns:
            Logits, B K, float32.
        """
        encoder = self.encoder
        encoder.check(z_t, None)
        seen, emb = encoder.prepare(None), encoder.embed(timesteps, None)
        h = z_t.to(encoder.dtype)
        for block in encoder.input_blocks:
            h = block(h, emb, seen)
        h = self.out(encoder.middle_block(h, emb, seen))
        pooled = torch.cat([h.mean(dim=(2, 3)), h.amax(dim=(2, 3))], dim=1)
        logits: Tensor = self.head(pooled)
        return logits.float()
