"""The conditioning transformer tau_theta  (Rombach et al. 2022, arXiv:2112.10752, Sec. 3.3).

Laid out and named as CLIP's text model (Radford et al. 2021, arXiv:2103.00020), so that one class
is the small encoder trained here (unmasked, as in the paper) and those of Stable Diffusion 1.x, 2.x
and XL (causal), which differ in what they hand on (`TextEncoderConfig`). Checkpoints name the first
`cond_stage_model.transformer.text_model.`; `nodes.checkpoints.layouts.open_clip` maps the others.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

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


class Encoded(NamedTuple):
    """What words become.

    Attributes:
        context: B T D, tokens for cross-attention.
        pooled: B P, one vector for the whole text; None when the encoder has none.
    """

    context: Tensor
    pooled: Tensor | None = None


class TextEncoder(nn.Module):
    """Pre-normalised transformer from token ids to a context."""

    def __init__(self, config: TextEncoderConfig) -> None:
        super().__init__()
        self.config = config
        self.embeddings = Embeddings(config)
        self.encoder = Encoder(config)
        self.final_layer_norm = nn.LayerNorm(config.width)
        if config.projection is not None:
            self.text_projection = nn.Linear(config.width, config.projection, bias=False)

    def forward(self, token_ids: Tensor) -> Tensor:
        """Encode token ids as the config says.

        Args:
            token_ids: B T, integers below `vocab_size`; T is at most `max_tokens`.

        Returns:
            B T D.
        """
        return self.encode(token_ids).context

    def encode(self, token_ids: Tensor, skip_layers: int | None = None) -> Encoded:
        """Encode token ids, with the vector of the whole text where there is one.

        That vector is the projection of the last layer, normalised, at the first end token,
        whichever layer is handed on  (Radford et al. 2021, Sec. 2.4).

        Args:
            token_ids: B T, integers below `vocab_size`; T is at most `max_tokens`.
            skip_layers: Layers left out at the end, fewer than there are; None takes the config's.

        Raises:
            ValueError: There are not so many layers.
        """
        config = self.config
        skip = config.skip_layers if skip_layers is None else skip_layers
        if not 0 <= skip < config.layers:
            raise ValueError(
                f"skip_layers is {skip}, but the text encoder has {config.layers} layers;"
                f" choose 0..{config.layers - 1}"
            )
        handed_on = self.encoder(self.embeddings(token_ids), 0, config.layers - skip)
        context = self.final_layer_norm(handed_on) if config.final_norm else handed_on
        if config.projection is None:
            return Encoded(context)
        last = self.final_layer_norm(self.encoder(handed_on, config.layers - skip))
        return Encoded(context, self.text_projection(last[_first_ends(token_ids, config)]))


def _first_ends(token_ids: Tensor, config: TextEncoderConfig) -> tuple[Tensor, Tensor]:
    """Index the first end token of each text: the last of the vocabulary, as CLIP has it."""
    ends = (token_ids == config.vocab_size - 1).int().argmax(dim=1)
    return torch.arange(len(ends), device=ends.device), ends


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

    def forward(self, tokens: Tensor, start: int = 0, stop: int | None = None) -> Tensor:
        """Map B T D to the same shape, by the layers from `start` to before `stop`."""
        for layer in list(self.layers)[start:stop]:
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
