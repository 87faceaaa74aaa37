"""Attention in its three places: autoencoder, unconditional UNet, and cross-attention UNet.

All of them end in `scaled_dot_product_attention`; what differs is where queries, keys and values
come from. Cross-attention: Rombach et al. 2022 (arXiv:2112.10752), Sec. 3.3 and App. E.2.1.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as F
from torch import Tensor, nn

from nodes.ldm.layers import conv1x1, zero_init
from nodes.ldm.prepared import KeysValues, Seen


def attend(q: Tensor, k: Tensor, v: Tensor, heads: int, causal: bool = False) -> Tensor:
    """Softmax(Q K^T / sqrt(d)) V over `heads` slices of the width.

    Args:
        q: B T D.
        k: B S D.
        v: B S D.
        heads: N, a divisor of D.
        causal: Whether a token sees only itself and those before it.

    Returns:
        B T D.
    """
    q, k, v = (x.reshape(*x.shape[:2], heads, -1).transpose(1, 2) for x in (q, k, v))  # B N T D/N
    out = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
    return out.transpose(1, 2).flatten(2)


def to_tokens(x: Tensor) -> Tensor:
    """Read a map B C H W as one token per pixel, B HW C."""
    return x.flatten(2).transpose(1, 2)


def to_map(tokens: Tensor, like: Tensor) -> Tensor:
    """Write tokens B HW C back as a map with the height and width of `like`."""
    return tokens.transpose(1, 2).reshape(like.shape)


class PixelAttention(nn.Module):
    """Single-head self-attention over pixels, with 1x1 convolutions: the autoencoder's kind."""

    def __init__(self, channels: int, groups: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(groups, channels, eps=1e-6)
        self.q = conv1x1(channels, channels)
        self.k = conv1x1(channels, channels)
        self.v = conv1x1(channels, channels)
        self.proj_out = conv1x1(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        """Map B C H W to the same shape."""
        h = self.norm(x)
        q, k, v = (to_tokens(conv(h)) for conv in (self.q, self.k, self.v))  # B HW C
        out: Tensor = x + self.proj_out(to_map(attend(q, k, v, heads=1), x))
        return out


class QKVAttention(nn.Module):
    """Self-attention of an unconditional UNet, one packed projection (Ho et al. 2020, App. B).

    The packed rows run head by head, each with its q, k and v: (N, 3, C/N). Published
    checkpoints depend on that order.
    """

    def __init__(self, channels: int, heads: int, groups: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.GroupNorm(groups, channels)
        self.qkv = nn.Conv1d(channels, 3 * channels, 1)
        self.proj_out = zero_init(nn.Conv1d(channels, channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Map B C H W to the same shape."""
        flat = x.flatten(2)  # B C HW
        packed: Tensor = self.qkv(self.norm(flat))  # B 3C HW
        by_head = packed.reshape(x.shape[0], self.heads, 3, -1, flat.shape[2])  # B N 3 C/N HW
        q, k, v = by_head.transpose(-1, -2).unbind(2)  # B N HW C/N
        mixed = F.scaled_dot_product_attention(q, k, v)
        out: Tensor = flat + self.proj_out(mixed.transpose(-1, -2).flatten(1, 2))
        return out.view_as(x)


class CrossAttention(nn.Module):
    """Attention of tokens to a context; without one, to themselves."""

    def __init__(self, width: int, context_width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.to_q = nn.Linear(width, width, bias=False)
        self.to_k = nn.Linear(context_width, width, bias=False)
        self.to_v = nn.Linear(context_width, width, bias=False)
        self.to_out = nn.Sequential(nn.Linear(width, width))

    def keys_values(self, context: Tensor) -> KeysValues:
        """What B S D' answers to and says, B S D each."""
        return self.to_k(context), self.to_v(context)

    def forward(self, tokens: Tensor, seen: KeysValues | None = None) -> Tensor:
        """Map B T D, attending to the keys and values B S D or to itself, to B T D."""
        q = self.to_q(tokens)
        k, v = self.keys_values(tokens) if seen is None else seen
        out: Tensor = self.to_out(attend(q, k, v, self.heads))
        return out


class GatedGelu(nn.Module):
    """Linear map with a GELU gate, GEGLU  (Shazeer 2020, arXiv:2002.05202)."""

    def __init__(self, width: int, out_width: int) -> None:
        super().__init__()
        self.proj = nn.Linear(width, 2 * out_width)

    def forward(self, x: Tensor) -> Tensor:
        """Map B T D to B T D'."""
        projected: Tensor = self.proj(x)
        value, gate = projected.chunk(2, dim=-1)
        return value * F.gelu(gate)


class FeedForward(nn.Module):
    """Per-token network of the transformer block, four times as wide inside."""

    def __init__(self, width: int) -> None:
        super().__init__()
        # The identity stands where published checkpoints count a dropout layer.
        self.net = nn.Sequential(
            GatedGelu(width, 4 * width), nn.Identity(), nn.Linear(4 * width, width)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map B T D to the same shape."""
        out: Tensor = self.net(x)
        return out


class TransformerBlock(nn.Module):
    """Self-attention, cross-attention, feed-forward; each pre-normalised and residual.

    With `context_only` the first attention reads the context too: nothing is attended to pixel by
    pixel, which large maps could not afford (the upscaler of Stable Diffusion 2).
    """

    def __init__(
        self, width: int, context_width: int, heads: int, *, context_only: bool = False
    ) -> None:
        super().__init__()
        self.context_only = context_only
        self.attn1 = CrossAttention(width, context_width if context_only else width, heads)
        self.attn2 = CrossAttention(width, context_width, heads)
        self.ff = FeedForward(width)
        self.norm1 = nn.LayerNorm(width)
        self.norm2 = nn.LayerNorm(width)
        self.norm3 = nn.LayerNorm(width)

    def keys_values(self, context: Tensor) -> Seen:
        """What each attention will attend to in a context B S D'; None attends to the tokens."""
        first = self.attn1.keys_values(context) if self.context_only else None
        return first, self.attn2.keys_values(context)

    def forward(self, tokens: Tensor, seen: Seen) -> Tensor:
        """Map B T D, attending to what `keys_values` made of a context, to B T D."""
        first, second = seen
        tokens = tokens + self.attn1(self.norm1(tokens), first)
        tokens = tokens + self.attn2(self.norm2(tokens), second)
        out: Tensor = tokens + self.ff(self.norm3(tokens))
        return out


class SpatialTransformer(nn.Module):
    """Transformer over the pixels of a feature map, conditioned on a context (App. E.2.1)."""

    def __init__(
        self,
        channels: int,
        context_width: int,
        heads: int,
        *,
        depth: int,
        groups: int,
        linear: bool,
        context_only: bool = False,
    ) -> None:
        super().__init__()
        self.linear = linear
        self.norm = nn.GroupNorm(groups, channels, eps=1e-6)
        self.proj_in = _projection(channels, linear)
        self.transformer_blocks = nn.ModuleList(
            TransformerBlock(channels, context_width, heads, context_only=context_only)
            for _ in range(depth)
        )
        self.proj_out = zero_init(_projection(channels, linear))

    def keys_values(self, context: Tensor) -> list[Seen]:
        """What each block will attend to in the context B T D; it does not depend on the map."""
        return [block.keys_values(context) for block in self.transformer_blocks]  # type: ignore[operator]

    def forward(self, x: Tensor, seen: Sequence[Seen]) -> Tensor:
        """Map B C H W, attending to what `keys_values` made of a context, to B C H W."""
        h = self.norm(x)
        tokens = self.proj_in(to_tokens(h)) if self.linear else to_tokens(self.proj_in(h))
        for block, both in zip(self.transformer_blocks, seen, strict=True):
            tokens = block(tokens, both)
        if self.linear:
            return x + to_map(self.proj_out(tokens), x)
        out: Tensor = x + self.proj_out(to_map(tokens, x))
        return out


def _projection(channels: int, linear: bool) -> nn.Module:
    return nn.Linear(channels, channels) if linear else conv1x1(channels, channels)
