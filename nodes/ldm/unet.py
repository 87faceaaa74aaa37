"""The denoiser eps_theta(z_t, t, tau)  (Rombach et al. 2022, arXiv:2112.10752, Sec. 3.2-3.3).

A time-conditional UNet after Dhariwal and Nichol 2021 (arXiv:2105.05233) whose attention places
may be transformers over a context. Tensor names are those of published checkpoints below
`model.diffusion_model.`.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from nodes.ldm.attention import QKVAttention, SpatialTransformer
from nodes.ldm.config import UNetConfig
from nodes.ldm.layers import Upsample, conv3x3, timestep_embedding, zero_init
from nodes.ldm.prepared import Context, Prepared
from nodes.ldm.resnet import Downsample, ResBlock, time_width


class UNetEncoder(nn.Module):
    """The half that a UNet and a ControlNet share: embeddings, the way down, the middle."""

    def __init__(self, config: UNetConfig) -> None:
        super().__init__()
        self.config = config
        width, inner = config.model_channels, time_width(config)
        self.time_embed = nn.Sequential(nn.Linear(width, inner), nn.SiLU(), nn.Linear(inner, inner))
        self.label_emb = _label_embedding(config)
        self.input_blocks, self.skip_widths = _input_blocks(config)
        self.middle_block = _middle_block(config)

    @property
    def dtype(self) -> torch.dtype:
        """The type in which it computes; that of its inputs does not matter."""
        first: Tensor = self.input_blocks[0][0].weight  # type: ignore[index]
        return first.dtype

    def embed(self, timesteps: Tensor, y: Tensor | None) -> Tensor:
        """Embed timesteps B, and `y` where the network takes it, as B D (`precision.SINGLE`)."""
        width = self.config.model_channels
        if y is not None and self.config.num_classes is not None:
            y = y.reshape(len(y)).long()  # a class travels as a vector of one number
        held = next(self.time_embed.parameters()).dtype
        emb: Tensor = self.time_embed(timestep_embedding(timesteps, width).to(held))
        return emb if y is None else emb + self.label_emb(y)

    def prepare(self, context: Context | None) -> Prepared:
        """Make the keys and values of every cross-attention, which all steps of a walk share.

        Args:
            context: B T D tokens; what is prepared already comes back as it is.

        Raises:
            ValueError: The tokens have a width that the network does not take.
        """
        if isinstance(context, Prepared):
            return context
        width = None if context is None else context.shape[-1]
        if width != self.config.context_dim:
            expected = self.config.context_dim
            raise ValueError(f"context width is {width}, this network takes {expected}")
        if context is None:
            return Prepared({})
        tokens = context.to(self.dtype)
        layers = (module for module in self.modules() if isinstance(module, SpatialTransformer))
        return Prepared({layer: layer.keys_values(tokens) for layer in layers})

    def check(self, x: Tensor, y: Tensor | None) -> None:
        """Refuse inputs that the config does not ask for.

        Raises:
            ValueError: When an input is missing or has a wrong shape.
        """
        config = self.config
        if x.ndim != 4 or x.shape[1] != config.in_channels:
            raise ValueError(f"latents are {tuple(x.shape)}, expected B {config.in_channels} h w")
        if x.shape[2] % config.stride or x.shape[3] % config.stride:
            raise ValueError(
                f"latent height and width are {tuple(x.shape[2:])},"
                f" expected multiples of {config.stride}"
            )
        if (y is not None) != config.takes_vector:
            raise ValueError(f"y {'is missing' if y is None else 'given to a network without it'}")


class UNet(UNetEncoder):
    """Predict noise (or v, or x_0: the training decides) from noisy latents.

    Concatenated conditioning (inpainting, super-resolution) is part of `x`: the caller joins the
    channels, `config.in_channels` says how many there are.
    """

    def __init__(self, config: UNetConfig) -> None:
        super().__init__(config)
        self.output_blocks = _output_blocks(config, self.skip_widths)
        self.out = nn.Sequential(
            nn.GroupNorm(config.norm_groups, config.widths[0]),
            nn.SiLU(),
            zero_init(conv3x3(config.widths[0], config.out_channels)),
        )

    def forward(
        self,
        x: Tensor,
        timesteps: Tensor,
        context: Context | None = None,
        y: Tensor | None = None,
        control: Sequence[Tensor] = (),
    ) -> Tensor:
        """Predict the target for a batch of noisy latents.

        Args:
            x: B c h w, noisy latents of unit variance and concatenated conditioning; h and w are
                multiples of `config.stride`.
            timesteps: B, in 0..T-1.
            context: B T D, when the config has a `context_dim`, or what `prepare` made of it.
            y: Classes, B or B 1, or vectors, B D, when the config takes them.
            control: What a ControlNet adds to the output of each input block and, last, of the
                middle; empty without one.

        Returns:
            B c' h w.

        Raises:
            ValueError: When an input the config asks for is missing or has a wrong shape.
        """
        self.check(x, y)
        seen, emb = self.prepare(context), self.embed(timesteps, y)
        h, skips = x.to(self.dtype), []
        for block in self.input_blocks:
            h = block(h, emb, seen)
            skips.append(h)
        h = self.middle_block(h, emb, seen)
        if control:
            *beside, middle = control
            h = h + middle.to(h.dtype)
            skips = [skip + added.to(skip.dtype) for skip, added in zip(skips, beside, strict=True)]
        for block in self.output_blocks:
            h = block(torch.cat([h, skips.pop()], dim=1), emb, seen)
        out: Tensor = self.out(h)
        return out


class Block(nn.ModuleList):
    """Layers in a row, each given what its kind needs besides the features."""

    def forward(self, h: Tensor, emb: Tensor, seen: Prepared) -> Tensor:
        """Map B C H W to B C' H' W'; emb is B D, seen a context as this network prepared it."""
        for layer in self:
            match layer:
                case ResBlock():
                    h = layer(h, emb)
                case SpatialTransformer():
                    h = layer(h, seen.of(layer))
                case _:
                    h = layer(h)
        return h


def _label_embedding(config: UNetConfig) -> nn.Module:
    width = time_width(config)
    if config.num_classes is not None:
        return nn.Embedding(config.num_classes, width)
    if config.adm_in_channels is not None:
        layers = (nn.Linear(config.adm_in_channels, width), nn.SiLU(), nn.Linear(width, width))
        return nn.Sequential(nn.Sequential(*layers))
    return nn.Identity()


def _input_blocks(config: UNetConfig) -> tuple[nn.ModuleList, list[int]]:
    """Build the way down; also return each block's channels, which the way up takes back."""
    width = config.model_channels
    blocks: list[Block] = [Block([conv3x3(config.in_channels, width)])]
    skips = [width]
    for level, level_width in enumerate(config.widths):
        for _ in range(config.num_res_blocks):
            resnet = ResBlock(width, level_width, config)
            blocks.append(Block([resnet, *_attention(config, level)]))
            width = level_width
            skips.append(width)
        if level != len(config.widths) - 1:
            blocks.append(Block([_downsample(config, width)]))
            skips.append(width)
    return nn.ModuleList(blocks), skips


def _middle_block(config: UNetConfig) -> Block:
    width = config.widths[-1]
    attention = _make_attention(config, len(config.widths) - 1)
    return Block([ResBlock(width, width, config), attention, ResBlock(width, width, config)])


def _output_blocks(config: UNetConfig, skips: list[int]) -> nn.ModuleList:
    width, blocks, skips = config.widths[-1], [], list(skips)
    for level, level_width in reversed(list(enumerate(config.widths))):
        for i in range(config.num_res_blocks + 1):
            layers: list[nn.Module] = [ResBlock(width + skips.pop(), level_width, config)]
            width = level_width
            layers += _attention(config, level)
            if level != 0 and i == config.num_res_blocks:
                layers.append(_upsample(config, width))
            blocks.append(Block(layers))
    return nn.ModuleList(blocks)


def _attention(config: UNetConfig, level: int) -> list[nn.Module]:
    alone = level in config.context_only
    return [_make_attention(config, level, context_only=alone)] if config.attends(level) else []


def _make_attention(config: UNetConfig, level: int, *, context_only: bool = False) -> nn.Module:
    width, groups = config.widths[level], config.norm_groups
    heads = config.heads(width)
    if config.context_dim is None:
        return QKVAttention(width, heads, groups)
    depth, linear = config.depths[level], config.use_linear_projection
    return SpatialTransformer(
        width,
        config.context_dim,
        heads,
        depth=depth,
        groups=groups,
        linear=linear,
        context_only=context_only,
    )


def _downsample(config: UNetConfig, width: int) -> nn.Module:
    if config.resblock_updown:
        return ResBlock(width, width, config, nn.AvgPool2d(2))
    return Downsample(width)


def _upsample(config: UNetConfig, width: int) -> nn.Module:
    if config.resblock_updown:
        return ResBlock(width, width, config, nn.Upsample(scale_factor=2.0, mode="nearest"))
    return Upsample(width)
