"""The first stage: z = E(x) and x = D(z)  (Rombach et al. 2022, arXiv:2112.10752, Sec. 3.1).

Tensor names are those of published checkpoints below `first_stage_model.`, so that a checkpoint
loads strictly and any converter for them proves this file. Images are in [-1, 1]; latents here
are not scaled, see the model's `scale_factor`.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nodes.ldm.attention import PixelAttention
from nodes.ldm.config import AutoencoderConfig
from nodes.ldm.layers import Upsample, conv1x1, conv3x3
from nodes.ldm.quantizer import Quantized, VectorQuantizer


class Posterior(NamedTuple):
    """Diagonal Gaussian q(z | x): mean and standard deviation, B c h w each."""

    mean: Tensor
    std: Tensor


class Autoencoder(nn.Module):
    """Encoder and decoder with f times smaller latents, KL- or VQ-regularised."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        self.config = config
        kl = config.regularizer == "kl"
        moments = 2 if kl else 1
        self.encoder = Encoder(config, moments * config.z_channels)
        self.decoder = Decoder(config)
        self.quant_conv = conv1x1(moments * config.z_channels, moments * config.embed_dim)
        self.post_quant_conv = conv1x1(config.embed_dim, config.z_channels)
        if config.n_embed is not None:
            self.quantize = VectorQuantizer(config.n_embed, config.embed_dim)

    @property
    def dtype(self) -> torch.dtype:
        """The type in which it computes; that of its inputs does not matter."""
        return self.post_quant_conv.weight.dtype

    def encode(self, x: Tensor) -> Tensor:
        """Encode images to the parameters of q(z | x).

        Args:
            x: B C H W in [-1, 1], H and W multiples of the factor f.

        Returns:
            KL: mean and log variance, B 2c h w. VQ: z before quantisation, B c h w, which is
            what the paper's diffusion models are trained on.
        """
        moments: Tensor = self.quant_conv(self.encoder(x.to(self.dtype)))
        return moments

    def posterior(self, moments: Tensor) -> Posterior:
        """Split what `encode` returned; a VQ model's posterior is a point (std 0)."""
        if self.config.regularizer == "vq":
            return Posterior(moments, torch.zeros_like(moments))
        mean, log_var = moments.chunk(2, dim=1)
        return Posterior(mean, (0.5 * log_var.clamp(-30.0, 20.0)).exp())

    def quantized(self, z: Tensor) -> Quantized:
        """Quantise a VQ model's latents for training; `.z` passes gradients straight through."""
        out: Quantized = self.quantize(z)
        return out

    def decode(self, z: Tensor, quantize: bool = True) -> Tensor:
        """Decode unscaled latents to images.

        Args:
            z: B c h w.
            quantize: Snap to the codebook first; without effect on a KL model. The quantiser
                is part of the decoder (Sec. 3.1).

        Returns:
            B C H W, about [-1, 1], not clamped.
        """
        if quantize and self.config.regularizer == "vq":
            z = self.quantized(z).z
        image: Tensor = self.decoder(self.post_quant_conv(z.to(self.dtype)))
        return image


class ResnetBlock(nn.Module):
    """Two normalised 3x3 convolutions around a shortcut."""

    def __init__(self, in_channels: int, out_channels: int, groups: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, in_channels, eps=1e-6)
        self.conv1 = conv3x3(in_channels, out_channels)
        self.norm2 = nn.GroupNorm(groups, out_channels, eps=1e-6)
        self.conv2 = conv3x3(out_channels, out_channels)
        same = in_channels == out_channels
        self.nin_shortcut = nn.Identity() if same else conv1x1(in_channels, out_channels)

    def forward(self, x: Tensor) -> Tensor:
        """Map B C H W to B C' H W."""
        h = self.conv1(F.silu(self.norm1(x)))
        h = self.conv2(F.silu(self.norm2(h)))
        out: Tensor = self.nin_shortcut(x) + h
        return out


class Downsample(nn.Module):
    """Halve height and width; the padding is right and below only, as published models expect."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        """Map B C H W to B C H/2 W/2."""
        out: Tensor = self.conv(F.pad(x, (0, 1, 0, 1)))
        return out


class Level(nn.Module):
    """The blocks of one resolution, each followed by attention where the config asks for it."""

    def __init__(self, widths: list[int], groups: int, attention: bool) -> None:
        super().__init__()
        self.block = nn.ModuleList(ResnetBlock(a, b, groups) for a, b in pairwise(widths))
        self.attn = nn.ModuleList(
            PixelAttention(b, groups) if attention else nn.Identity() for b in widths[1:]
        )

    def forward(self, h: Tensor) -> Tensor:
        """Map B C H W to B C' H W."""
        for block, attn in zip(self.block, self.attn, strict=True):
            h = attn(block(h))
        return h


class DownLevel(Level):
    """A level of the encoder; all but the last end by halving the resolution."""

    def __init__(self, widths: list[int], groups: int, attention: bool, last: bool) -> None:
        super().__init__(widths, groups, attention)
        self.downsample = nn.Identity() if last else Downsample(widths[-1])

    def forward(self, h: Tensor) -> Tensor:
        """Map B C H W to B C' H/2 W/2, or B C' H W on the last level."""
        out: Tensor = self.downsample(super().forward(h))
        return out


class UpLevel(Level):
    """A level of the decoder; all but the last end by doubling the resolution."""

    def __init__(self, widths: list[int], groups: int, attention: bool, last: bool) -> None:
        super().__init__(widths, groups, attention)
        self.upsample = nn.Identity() if last else Upsample(widths[-1])

    def forward(self, h: Tensor) -> Tensor:
        """Map B C H W to B C' 2H 2W, or B C' H W on the last level."""
        out: Tensor = self.upsample(super().forward(h))
        return out


class Middle(nn.Module):
    """The innermost blocks, with global attention between them unless it is switched off."""

    def __init__(self, width: int, groups: int, attention: bool) -> None:
        super().__init__()
        self.block_1 = ResnetBlock(width, width, groups)
        self.attn_1 = PixelAttention(width, groups) if attention else nn.Identity()
        self.block_2 = ResnetBlock(width, width, groups)

    def forward(self, h: Tensor) -> Tensor:
        """Map B C h w to the same shape."""
        out: Tensor = self.block_2(self.attn_1(self.block_1(h)))
        return out


class Encoder(nn.Module):
    """E up to the last convolution: pixels to features, from fine to coarse."""

    def __init__(self, config: AutoencoderConfig, out_channels: int) -> None:
        super().__init__()
        groups, widths = config.norm_groups, config.widths
        self.conv_in = conv3x3(config.in_channels, config.ch)
        self.down = nn.ModuleList()
        for i, (width_in, width) in enumerate(pairwise((config.ch, *widths))):
            plan = [width_in] + [width] * config.num_res_blocks
            last = i == len(widths) - 1
            self.down.append(DownLevel(plan, groups, i in config.attn_levels, last))
        self.mid = Middle(widths[-1], groups, config.mid_attention)
        self.norm_out = nn.GroupNorm(groups, widths[-1], eps=1e-6)
        self.conv_out = conv3x3(widths[-1], out_channels)

    def forward(self, x: Tensor) -> Tensor:
        """Map B C H W to B c' h w."""
        h = self.conv_in(x)
        for level in self.down:
            h = level(h)
        out: Tensor = self.conv_out(F.silu(self.norm_out(self.mid(h))))
        return out


class Decoder(nn.Module):
    """D after the first convolution; `up[i]` works at the resolution of the encoder's level i."""

    def __init__(self, config: AutoencoderConfig) -> None:
        super().__init__()
        groups, widths = config.norm_groups, config.widths
        self.conv_in = conv3x3(config.z_channels, widths[-1])
        self.mid = Middle(widths[-1], groups, config.mid_attention)
        self.up = nn.ModuleList()
        for i, (width_in, width) in enumerate(zip((*widths[1:], widths[-1]), widths, strict=True)):
            plan = [width_in] + [width] * (config.num_res_blocks + 1)
            self.up.append(UpLevel(plan, groups, i in config.attn_levels, last=i == 0))
        self.norm_out = nn.GroupNorm(groups, widths[0], eps=1e-6)
        self.conv_out = conv3x3(widths[0], config.in_channels)

    def forward(self, z: Tensor) -> Tensor:
        """Map B c h w to B C H W."""
        h = self.mid(self.conv_in(z))
        for level in reversed(self.up):
            h = level(h)
        out: Tensor = self.conv_out(F.silu(self.norm_out(h)))
        return out
