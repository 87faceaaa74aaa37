"""Where a diffusers folder keeps its text encoders: transformers' CLIP, and `LDMBertModel`."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from nodes.checkpoints.layouts.text import text_shapes
from nodes.checkpoints.source import KeyMap, Source
from nodes.ldm.text_config import BertConfig, TextEncoderConfig

PROJECTION = "text_projection.weight"
MODEL = "text_model."


def transformers_text_map(config: TextEncoderConfig, stored: Collection[str] = ()) -> KeyMap:
    """Return where each tensor of a `TextEncoder` is stored.

    Args:
        config: Its shape.
        stored: Names in the file: those of some files lack `text_model.` before them.
    """
    bare = "embeddings.token_embedding.weight" in stored
    prefix = "" if bare else MODEL
    return {
        name: Source(name if name == PROJECTION else prefix + name) for name in text_shapes(config)
    }


BERT_OUTSIDE = {
    "token_emb.weight": "model.embed_tokens.weight",
    "pos_emb.emb.weight": "model.embed_positions.weight",
    "norm.weight": "model.layer_norm.weight",
    "norm.bias": "model.layer_norm.bias",
}
BERT_ATTENTION = {
    "0.weight": "self_attn_layer_norm.weight",
    "0.bias": "self_attn_layer_norm.bias",
    "1.to_q.weight": "self_attn.q_proj.weight",
    "1.to_k.weight": "self_attn.k_proj.weight",
    "1.to_v.weight": "self_attn.v_proj.weight",
    "1.to_out.weight": "self_attn.out_proj.weight",
    "1.to_out.bias": "self_attn.out_proj.bias",
}
BERT_NETWORK = {
    "0.weight": "final_layer_norm.weight",
    "0.bias": "final_layer_norm.bias",
    "1.net.0.0.weight": "fc1.weight",
    "1.net.0.0.bias": "fc1.bias",
    "1.net.2.weight": "fc2.weight",
    "1.net.2.bias": "fc2.bias",
}


def diffusers_bert_map(config: BertConfig) -> KeyMap:
    """Return where `LDMBertModel` keeps each tensor of the paper's own text transformer."""
    return {ours: Source(theirs) for ours, theirs in _bert(config)}


def _bert(config: BertConfig) -> Iterator[tuple[str, str]]:
    yield from BERT_OUTSIDE.items()
    for layer in range(config.layers):
        for half, names in enumerate((BERT_ATTENTION, BERT_NETWORK)):
            for ours, theirs in names.items():
                place = f"attn_layers.layers.{2 * layer + half}"
                yield f"{place}.{ours}", f"model.layers.{layer}.{theirs}"
