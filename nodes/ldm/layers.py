"""Building blocks that both the autoencoder and the UNet are made of.

Everything is NCHW: on CPUs, torch's GroupNorm is an order of magnitude slower in channels-last.
"""

from __future__ import annotations

import math
from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

ModuleT = TypeVar("ModuleT", bound=nn.Module)


def zero_init(module: ModuleT) -> ModuleT:
    """Zero a module's parameters, so that a residual branch starts as the identity."""
    for parameter in module.parameters():
        nn.init.zeros_(parameter)
    return module


def conv3x3(in_channels: int, out_channels: int) -> nn.Conv2d:
    """Make a 3x3 convolution that keeps height and width."""
    return nn.Conv2d(in_channels, out_channels, 3, padding=1)


def conv1x1(in_channels: int, out_channels: int) -> nn.Conv2d:
    """Make a 1x1 convolution: a linear map of each pixel's channels."""
    return nn.Conv2d(in_channels, out_channels, 1)


def timestep_embedding(timesteps: Tensor, width: int, max_period: float = 10_000.0) -> Tensor:
    """Embed timesteps as [cos, sin] of geometric frequencies  (Vaswani et al. 2017, Sec. 3.5).

    Args:
        timesteps: B, any number type, 0..T-1, may be fractional.
        width: Length D of the embedding; an odd one is padded with a zero.
        max_period: Longest period, in timesteps over 2 pi.

    Returns:
        B D, float32.
    """
    half = width // 2
    exponents = torch.arange(half, dtype=torch.float32, device=timesteps.device) / half
    angles = timesteps.float()[:, None] * torch.exp(-math.log(max_period) * exponents)
    embedding = torch.cat([angles.cos(), angles.sin()], dim=-1)  # B D
    return F.pad(embedding, (0, width % 2))


class Upsample(nn.Module):
    """Double height and width by nearest neighbour, then convolve."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = conv3x3(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        """Map B C H W to B C 2H 2W."""
        out: Tensor = self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))
        return out
