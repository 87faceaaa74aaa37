"""The configs of text encoders and class embeddings from the shapes of their tensors."""

from __future__ import annotations

from nodes.checkpoints.detection.tensors import Tensors
from nodes.ldm.text_config import (
    CLIP_END,
    BertConfig,
    ClassConfig,
    LabelMapConfig,
    TextEncoderConfig,
)

HEAD_WIDTH = 64
"""Width of one attention head in all of CLIP's published text models."""


def clip_config(
    tensors: Tensors, *, skip_layers: int = 0, final_norm: bool = True
) -> TextEncoderConfig:
    """A CLIP text model as transformers lays it out, below `text_model.`.

    Raises:
        ValueError: A tensor is missing that it has.
    """
    width = tensors.size("embeddings.token_embedding.weight", 1)
    return TextEncoderConfig(
        vocab_size=tensors.size("embeddings.token_embedding.weight", 0),
        width=width,
        layers=tensors.count("encoder.layers.#."),
        heads=max(1, width // HEAD_WIDTH),
        max_tokens=tensors.size("embeddings.position_embedding.weight", 0),
        causal=True,
        activation="quick_gelu",
        mlp_ratio=tensors.size("encoder.layers.0.mlp.fc1.weight", 0) // width,
        tokenizer="clip",
        pad=CLIP_END,
        skip_layers=skip_layers,
        final_norm=final_norm,
    )


def open_clip_config(
    tensors: Tensors, *, skip_layers: int = 1, final_norm: bool = True, pooled: bool = False
) -> TextEncoderConfig:
    """An OpenCLIP text model in its own layout: `transformer.resblocks.N`, packed projections.

    Raises:
        ValueError: A tensor is missing that it has.
    """
    width = tensors.size("token_embedding.weight", 1)
    return TextEncoderConfig(
        vocab_size=tensors.size("token_embedding.weight", 0),
        width=width,
        layers=tensors.count("transformer.resblocks.#."),
        heads=max(1, width // HEAD_WIDTH),
        max_tokens=tensors.size("positional_embedding", 0),
        causal=True,
        activation="gelu",
        mlp_ratio=tensors.size("transformer.resblocks.0.mlp.c_fc.weight", 0) // width,
        tokenizer="clip",
        pad=0,
        skip_layers=skip_layers,
        final_norm=final_norm,
        projection=tensors.size("text_projection", 1) if pooled else None,
    )


def bert_config(tensors: Tensors) -> BertConfig:
    """The transformer of the paper's own text models; layers alternate attention and network.

    Raises:
        ValueError: A tensor is missing that it has.
    """
    inner = tensors.size("attn_layers.layers.0.1.to_q.weight", 0)
    return BertConfig(
        vocab_size=tensors.size("token_emb.weight", 0),
        width=tensors.size("token_emb.weight", 1),
        layers=tensors.count("attn_layers.layers.#.") // 2,
        heads=max(1, inner // HEAD_WIDTH),
        max_tokens=tensors.size("pos_emb.emb.weight", 0),
    )


def class_config(tensors: Tensors) -> ClassConfig:
    """A learnt token for each class."""
    name = "embedding.weight"
    return ClassConfig(classes=tensors.size(name, 0), width=tensors.size(name, 1))


def label_map_config(tensors: Tensors) -> LabelMapConfig:
    """The rescaler of label maps."""
    name = "channel_mapper.weight"
    return LabelMapConfig(labels=tensors.size(name, 1), channels=tensors.size(name, 0))
