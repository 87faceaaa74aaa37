"""The text transformer of the paper's own models  (Rombach et al. 2022, Sec. 4.3.1, App. E.2.1).

Trained jointly with the denoiser: unmasked, pre-normalised, eight heads of 64 whatever the width.
`layout2img` has the same one over tokens of boxes. Tensor names are those of the published
checkpoints below `cond_stage_model.transformer.`; their `to_logits` is never used.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from nodes.ldm.attention import attend
from nodes.ldm.text_config import BertConfig


class BertEncoder(nn.Module):
    """Pre-normalised transformer from token ids to a context."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.config = config
        self.token_emb = nn.Embedding(config.vocab_size, config.width)
        self.pos_emb = nn.ModuleDict({"emb": nn.Embedding(config.max_tokens, config.width)})
        self.attn_layers = nn.ModuleDict({"layers": nn.Sequential(*_layers(config))})
        self.norm = nn.LayerNorm(config.width)

    def forward(self, token_ids: Tensor) -> Tensor:
        """Encode token ids.

        Args:
            token_ids: B T, integers below `vocab_size`; T is at most `max_tokens`.

        Returns:
            B T D.
        """
        positions = torch.arange(token_ids.shape[1], device=token_ids.device)
        tokens = self.token_emb(token_ids) + self.pos_emb["emb"](positions)
        out: Tensor = self.norm(self.attn_layers["layers"](tokens))
        return out


def _layers(config: BertConfig) -> Iterator[nn.Module]:
    """Alternate attention and a two-layer network."""
    for _ in range(config.layers):
        yield Residual([nn.LayerNorm(config.width), SelfAttention(config)])
        yield Residual([nn.LayerNorm(config.width), Mlp(config.width)])


class Residual(nn.ModuleList):
    """A normalisation and the block behind it, added to what went in."""

    def forward(self, tokens: Tensor) -> Tensor:
        """Map B T D to the same shape."""
        norm, block = self
        out: Tensor = tokens + block(norm(tokens))
        return out


class SelfAttention(nn.Module):
    """Multi-head attention of the tokens to each other, its heads not as wide as the tokens."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.heads, inner = config.heads, config.heads * config.head_channels
        self.to_q = nn.Linear(config.width, inner, bias=False)
        self.to_k = nn.Linear(config.width, inner, bias=False)
        self.to_v = nn.Linear(config.width, inner, bias=False)
        self.to_out = nn.Linear(inner, config.width)

    def forward(self, tokens: Tensor) -> Tensor:
        """Map B T D to the same shape."""
        q, k, v = self.to_q(tokens), self.to_k(tokens), self.to_v(tokens)
        out: Tensor = self.to_out(attend(q, k, v, self.heads))
        return out


class Mlp(nn.Module):
    """Per-token network of the transformer layer, four times as wide inside."""

    def __init__(self, width: int) -> None:
        super().__init__()
        # The identity stands where published checkpoints count a dropout layer.
        self.net = nn.Sequential(
            nn.Sequential(nn.Linear(width, 4 * width), nn.GELU()),
            nn.Identity(),
            nn.Linear(4 * width, width),
        )

    def forward(self, tokens: Tensor) -> Tensor:
        """Map B T D to the same shape."""
        out: Tensor = self.net(tokens)
        return out
