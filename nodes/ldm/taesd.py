"""A tiny autoencoder that shows what a denoiser is at, TAESD (github.com/madebyollin/taesd).

2.4 million weights instead of 84. Pictures are in [0, 1] here, and latents are those the denoiser
works on: no scale factor comes between. Tensor names are those of the published files.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from nodes.ldm.layers import conv3x3
from nodes.ldm.taesd_config import DECODER_BLOCKS, ENCODER_BLOCKS, TaesdConfig


class TinyEncoder(nn.Sequential):
    """Pictures, B 3 H W in [0, 1], to scaled latents, B c H/8 W/8."""

    def __init__(self, config: TaesdConfig) -> None:
        super().__init__(*_encoder(config))
        self.config = config


class TinyDecoder(nn.Sequential):
    """Scaled latents, B c h w, to pictures, B 3 8h 8w, about [0, 1] and not clamped."""

    def __init__(self, config: TaesdConfig) -> None:
        super().__init__(*_decoder(config))
        self.config = config


class Clamp(nn.Module):
    """Bend latents softly into [-3, 3]."""

    def forward(self, z: Tensor) -> Tensor:
        """Map any shape to the same."""
        return 3.0 * torch.tanh(z / 3.0)


class TinyBlock(nn.Module):
    """Three 3x3 convolutions around a shortcut, without normalisation."""

    def __init__(self, width: int) -> None:
        super().__init__()
        first, second, third = (conv3x3(width, width) for _ in range(3))
        self.conv = nn.Sequential(first, nn.ReLU(), second, nn.ReLU(), third)

    def forward(self, x: Tensor) -> Tensor:
        """Map B C H W to the same shape."""
        out: Tensor = torch.relu(x + self.conv(x))
        return out


def _encoder(config: TaesdConfig) -> Iterator[nn.Module]:
    width = config.width
    for level, blocks in enumerate(ENCODER_BLOCKS):
        yield conv3x3(3, width) if level == 0 else _plain_conv(width, stride=2)
        yield from (TinyBlock(width) for _ in range(blocks))
    yield conv3x3(width, config.latent_channels)


def _decoder(config: TaesdConfig) -> Iterator[nn.Module]:
    width, last = config.width, len(DECODER_BLOCKS) - 1
    yield from (Clamp(), conv3x3(config.latent_channels, width), nn.ReLU())
    for level, blocks in enumerate(DECODER_BLOCKS):
        yield from (TinyBlock(width) for _ in range(blocks))
        if level != last:
            yield from (nn.Upsample(scale_factor=2.0), _plain_conv(width))
    yield conv3x3(width, 3)


def _plain_conv(width: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(width, width, 3, stride=stride, padding=1, bias=False)
