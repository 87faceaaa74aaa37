"""Where OpenCLIP's own layout keeps a text encoder: Stable Diffusion 2 and the second one of XL.

Below `cond_stage_model.model.` and `conditioner.embedders.1.model.`. Queries, keys and values are
packed in one tensor, and the projection is stored as the matrix that multiplies from the right.
"""

from __future__ import annotations

from nodes.checkpoints.source import KeyMap, Source
from nodes.ldm.text_config import TextEncoderConfig

_LAYER = {
    "self_attn.out_proj": "attn.out_proj",
    "mlp.fc1": "mlp.c_fc",
    "mlp.fc2": "mlp.c_proj",
    "layer_norm1": "ln_1",
    "layer_norm2": "ln_2",
}
_PACKED = ("q_proj", "k_proj", "v_proj")


def open_clip_map(config: TextEncoderConfig, prefix: str = "") -> KeyMap:
    """Return where each tensor of a `TextEncoder` is stored.

    Args:
        config: Its shape.
        prefix: What stands before every name in the file, such as `cond_stage_model.model.`.
    """
    places = {
        "embeddings.token_embedding.weight": Source(f"{prefix}token_embedding.weight"),
        "embeddings.position_embedding.weight": Source(f"{prefix}positional_embedding"),
        "final_layer_norm.weight": Source(f"{prefix}ln_final.weight"),
        "final_layer_norm.bias": Source(f"{prefix}ln_final.bias"),
    }
    for layer in range(config.layers):
        block = f"{prefix}transformer.resblocks.{layer}."
        for name, source in _layer(block).items():
            places[f"encoder.layers.{layer}.{name}"] = source
    if config.projection is not None:
        places["text_projection.weight"] = Source(f"{prefix}text_projection", transposed=True)
    return places


def _layer(block: str) -> dict[str, Source]:
    places = {}
    for kind in ("weight", "bias"):
        for ours, theirs in _LAYER.items():
            places[f"{ours}.{kind}"] = Source(f"{block}{theirs}.{kind}")
        for part, name in enumerate(_PACKED):
            packed = f"{block}attn.in_proj_{kind}"
            places[f"self_attn.{name}.{kind}"] = Source(packed, part, len(_PACKED))
    return places
