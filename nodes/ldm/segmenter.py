"""The segmenter: labels every pixel of a picture; it measures and makes no pictures."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nodes.ldm.config import SegmenterConfig
from nodes.ldm.unet import UNet


class SegmenterNetwork(nn.Module):
    """The denoiser's UNet on folded pixels, without noise."""

    def __init__(self, config: SegmenterConfig) -> None:
        super().__init__()
        self.config = config
        self.unet = UNet(config.unet)

    def forward(self, x: Tensor) -> Tensor:
        """Score the labels of pictures B 3 H W in [-1, 1]: logits B L H W."""
        folded = F.pixel_unshuffle(x, self.config.fold)
        scores = self.unet(folded, torch.zeros(len(x), device=x.device))
        return F.interpolate(scores.float(), scale_factor=self.config.fold, mode="bilinear")

    def features(self, x: Tensor) -> Tensor:
        """What it sees in pictures B 3 H W, as one vector each: B D, for Frechet distances."""
        h = F.pixel_unshuffle(x, self.config.fold)
        emb = self.unet.embed(torch.zeros(len(x), device=x.device), None)
        for block in self.unet.input_blocks:
            h = block(h, emb, None)
        return torch.cat([h.mean(dim=(2, 3)), h.std(dim=(2, 3))], dim=1)
