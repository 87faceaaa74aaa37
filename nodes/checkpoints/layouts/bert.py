"""Every tensor of the paper's own text transformer, from its config."""

from __future__ import annotations

from nodes.checkpoints.layouts.shapes import Named, Shape, below, embedding, linear, norm
from nodes.ldm.text_config import BertConfig


def bert_shapes(config: BertConfig) -> dict[str, Shape]:
    """Names and shapes of all tensors, as `nodes.ldm.bert.BertEncoder` and files have them."""
    return dict(_bert(config))


def _bert(config: BertConfig) -> Named:
    width, inner = config.width, config.heads * config.head_channels
    yield from below("token_emb", embedding(config.vocab_size, width))
    yield from below("pos_emb.emb", embedding(config.max_tokens, width))
    for layer in range(config.layers):
        attention, network = (f"attn_layers.layers.{2 * layer + half}" for half in (0, 1))
        yield from below(f"{attention}.0", norm(width))
        for name in ("to_q", "to_k", "to_v"):
            yield from below(f"{attention}.1.{name}", linear(width, inner, bias=False))
        yield from below(f"{attention}.1.to_out", linear(inner, width))
        yield from below(f"{network}.0", norm(width))
        yield from below(f"{network}.1.net.0.0", linear(width, 4 * width))
        yield from below(f"{network}.1.net.2", linear(4 * width, width))
    yield from below("norm", norm(width))
