"""Vector quantisation of latents  (van den Oord et al. 2017, arXiv:1711.00937, Eq. 3)."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Quantized(NamedTuple):
    """Latents on the codebook: z B c h w, codes B h w (int64), loss a scalar."""

    z: Tensor
    codes: Tensor
    loss: Tensor


class VectorQuantizer(nn.Module):
    """Replace each latent vector by the nearest of `n_embed` learnt codes.

    Args:
        n_embed: Number of codes |Z|.
        width: Length of a code, the latents' channels.
        commitment: Weight beta of the term that draws latents to their codes.
    """

    def __init__(self, n_embed: int, width: int, commitment: float = 0.25) -> None:
        super().__init__()
        self.commitment = commitment
        self.embedding = nn.Embedding(n_embed, width)
        nn.init.uniform_(self.embedding.weight, -1.0 / n_embed, 1.0 / n_embed)

    def forward(self, z: Tensor) -> Quantized:
        """Quantise B c h w; gradients reach z as if nothing had happened (straight through)."""
        codes = self.nearest(z)
        e = self.embedding(codes).permute(0, 3, 1, 2).to(z.dtype)  # B c h w
        loss = F.mse_loss(e, z.detach()) + self.commitment * F.mse_loss(z, e.detach())
        return Quantized(z + (e - z).detach(), codes, loss)

    @torch.no_grad()
    def nearest(self, z: Tensor) -> Tensor:
        """Return the index of the code nearest to each vector of B c h w, as B h w."""
        codebook = self.embedding.weight.float()
        vectors = z.float().permute(0, 2, 3, 1)  # B h w c
        with torch.autocast(z.device.type, enabled=False):
            # |z - e|^2 without |z|^2, which is the same for every code
            distance = codebook.square().sum(1) - 2.0 * vectors @ codebook.T  # B h w |Z|
        return distance.argmin(-1)
