"""Residual blocks of the denoiser, steered by the timestep, and what halves a map without one.

After Ho et al. 2020 (arXiv:2006.11239, App. B) and Dhariwal and Nichol 2021 (arXiv:2105.05233).
"""

from __future__ import annotations

from torch import Tensor, nn

from nodes.ldm.config import UNetConfig
from nodes.ldm.layers import conv1x1, conv3x3, zero_init


def time_width(config: UNetConfig) -> int:
    """Width of the embedding of the timestep and of what is added to it."""
    return 4 * config.model_channels


class ResBlock(nn.Module):
    """Two convolutions with the timestep embedding added (or as scale and shift) between them.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        config: Gives embedding width, normalisation groups and how the embedding enters.
        resample: Changes the resolution of both paths alike; it has no weights.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        config: UNetConfig,
        resample: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.scale_shift = config.use_scale_shift_norm
        self.resample = resample or nn.Identity()
        self.in_layers = nn.Sequential(
            nn.GroupNorm(config.norm_groups, in_channels),
            nn.SiLU(),
            conv3x3(in_channels, out_channels),
        )
        emb_channels = out_channels * (2 if self.scale_shift else 1)
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(time_width(config), emb_channels))
        # The identity stands where published checkpoints count a dropout layer.
        self.out_layers = nn.Sequential(
            nn.GroupNorm(config.norm_groups, out_channels),
            nn.SiLU(),
            nn.Identity(),
            zero_init(conv3x3(out_channels, out_channels)),
        )
        same = in_channels == out_channels
        self.skip_connection = nn.Identity() if same else conv1x1(in_channels, out_channels)

    def forward(self, x: Tensor, emb: Tensor) -> Tensor:
        """Map B C H W and the embedding B D to B C' H' W'."""
        norm, activation, conv = self.in_layers
        h = conv(self.resample(activation(norm(x))))
        shift = self.emb_layers(emb)[:, :, None, None].to(h.dtype)  # B C' 1 1
        if self.scale_shift:
            scale, shift = shift.chunk(2, dim=1)
            h = self.out_layers[1:](self.out_layers[0](h) * (1 + scale) + shift)
        else:
            h = self.out_layers(h + shift)
        out: Tensor = self.skip_connection(self.resample(x)) + h
        return out


class Downsample(nn.Module):
    """Halve height and width by a strided convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.op = nn.Conv2d(channels, channels, 3, stride=2, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Map B C H W to B C H/2 W/2."""
        out: Tensor = self.op(x)
        return out
