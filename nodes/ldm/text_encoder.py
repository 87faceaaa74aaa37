"""The conditioning transformer tau_theta  (Rombach et al. 2022, arXiv:2112.10752, Sec. 3.3).

Laid out and named as CLIP's text model (Radford et al. 2021, arXiv:2103.00020), so that one class
is both the small encoder trained here (unmasked, as in the paper) and the one of Stable Diffusion
1.x (causal), whose checkpoints name it `cond_stage_model.transformer.text_model.`.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nodes.ldm.attention import attend
from nodes.ldm.text_config import Activation, TextEncoderConfig
from nodes.ldm.tokenizer import WordTokenizer

__all__ = ["TextEncoder", "WordTokenizer"]


def quick_gelu(x: Tensor) -> Tensor:
    """CLIP's approximation x * sigmoid(1.702 x)  (Hendrycks and Gimpel 2016, arXiv:1606.08415)."""
    return x * torch.sigmoid(1.702 * x)


ACTIVATIONS: dict[Activation, Callable[[Tensor], Tensor]] = {
    "gelu": F.gelu,
    "quick_gelu": quick_gelu,
}


class TextEncoder(nn.Module):
    """Pre-normalised transformer from token ids to a context."""

    def __init__(self, config: TextEncoderConfig) -> None:
        super().__init__()
        self.config = config
        self.embeddings = Embeddings(config)
        self.encoder = Encoder(config)
        self.final_layer_norm = nn.LayerNorm(config.width)

    def forward(self, token_ids: Tensor) -> Tensor:
        """Encode token ids.

        Args:
            token_ids: B T, integers below `vocab_size`; T is at most `max_tokens`.

        Returns:
            B T D.
        """
        out: Tensor = self.final_layer_norm(self.encoder(self.embeddings(token_ids)))
        return out


class Embeddings(nn.Module):
    """Sum of a learnt vector per token and a learnt vector per position."""

    def __init__(self, config: TextEncoderConfig) -> None:
        super().__init__()
        self.token_embedding = nn.Embedding(config.vocab_size, config.width)
        self.position_embedding = nn.Embedding(config.max_tokens, config.width)
        nn.init.normal_(self.token_embedding.weight, std=0.02)
        nn.init.normal_(self.position_embedding.weight, std=0.01)

    def forward(self, token_ids: Tensor) -> Tensor:
        """Map B T to B T D."""
        positions = self.position_embedding.weight[: token_ids.shape[1]]
        out: Tensor = self.token_embedding(token_ids) + positions
        return out


class Encoder(nn.Module):
    """The layers in a row."""

    def __init__(self, config: TextEncoderConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))

    def forward(self, tokens: Tensor) -> Tensor:
        """Map B T D to the same shape."""
        for layer in self.layers:
            tokens = layer(tokens)
        return tokens


class Layer(nn.Module):
    """Self-attention and a two-layer network, each pre-normalised and residual."""

    def __init__(self, config: TextEncoderConfig) -> None:
        super().__init__()
        self.self_attn = SelfAttention(config)
        self.layer_norm1 = nn.LayerNorm(config.width)
        self.mlp = Mlp(config)
        self.layer_norm2 = nn.LayerNorm(config.width)

    def forward(self, tokens: Tensor) -> Tensor:
        """Map B T D to the same shape."""
        tokens = tokens + self.self_attn(self.layer_norm1(tokens))
        out: Tensor = tokens + self.mlp(self.layer_norm2(tokens))
        return out


class SelfAttention(nn.Module):
    """Multi-head attention of the tokens to each other."""

    def __init__(self, config: TextEncoderConfig) -> None:
        super().__init__()
        self.heads, self.causal = config.heads, config.causal
        self.q_proj = nn.Linear(config.width, config.width)
        self.k_proj = nn.Linear(config.width, config.width)
        self.v_proj = nn.Linear(config.width, config.width)
        self.out_proj = nn.Linear(config.width, config.width)

    def forward(self, tokens: Tensor) -> Tensor:
        """Map B T D to the same shape."""
        q, k, v = self.q_proj(tokens), self.k_proj(tokens), self.v_proj(tokens)
        out: Tensor = self.out_proj(attend(q, k, v, self.heads, self.causal))
        return out


class Mlp(nn.Module):
    """Per-token network of the transformer layer."""

    def __init__(self, config: TextEncoderConfig) -> None:
        super().__init__()
        self.activation = ACTIVATIONS[config.activation]
        self.fc1 = nn.Linear(config.width, config.mlp_ratio * config.width)
        self.fc2 = nn.Linear(config.mlp_ratio * config.width, config.width)

    def forward(self, tokens: Tensor) -> Tensor:
        """Map B T D to the same shape."""
        out: Tensor = self.fc2(self.activation(self.fc1(tokens)))
        return out
