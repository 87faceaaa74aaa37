"""Every tensor of what turns words and classes into conditioning, from its config."""

from __future__ import annotations

from nodes.checkpoints.layouts.shapes import Named, Shape, below, conv, embedding, linear, norm
from nodes.ldm.text_config import ClassConfig, LabelMapConfig, TextEncoderConfig


def text_shapes(config: TextEncoderConfig) -> dict[str, Shape]:
    """Names and shapes of all tensors, as `nodes.ldm.text_encoder.TextEncoder` has them."""
    return dict(_text(config))


def class_shapes(config: ClassConfig) -> dict[str, Shape]:
    """Names and shapes of all tensors of a class embedding."""
    return dict(below("embedding", embedding(config.classes, config.width)))


def label_map_shapes(config: LabelMapConfig) -> dict[str, Shape]:
    """Names and shapes of all tensors of a label map's rescaler; its convolution has no bias."""
    mapper = below("channel_mapper", conv(config.labels, config.channels, 1, 1))
    return {name: shape for name, shape in mapper if name.endswith("weight")}


def _text(config: TextEncoderConfig) -> Named:
    width = config.width
    yield from below("embeddings.token_embedding", embedding(config.vocab_size, width))
    yield from below("embeddings.position_embedding", embedding(config.max_tokens, width))
    for layer in range(config.layers):
        yield from below(f"encoder.layers.{layer}", _layer(config))
    yield from below("final_layer_norm", norm(width))
    if config.projection is not None:
        yield from below("text_projection", linear(width, config.projection, bias=False))


def _layer(config: TextEncoderConfig) -> Named:
    width, inner = config.width, config.mlp_ratio * config.width
    for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
        yield from below(f"self_attn.{name}", linear(width, width))
    yield from below("mlp.fc1", linear(width, inner))
    yield from below("mlp.fc2", linear(inner, width))
    yield from below("layer_norm1", norm(width))
    yield from below("layer_norm2", norm(width))
