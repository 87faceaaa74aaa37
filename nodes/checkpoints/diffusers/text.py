"""The configs of text encoders from the config.json files of a diffusers folder."""

from __future__ import annotations

from typing import Any

from nodes.checkpoints.diffusers.document import Fields
from nodes.ldm.text_config import CLIP_END, BertConfig, TextEncoderConfig

CLIP, CLIP_PROJECTED, BERT = "CLIPTextModel", "CLIPTextModelWithProjection", "LDMBertModel"

IGNORED = (
    "architectures", "attention_dropout", "bos_token_id", "chunk_size_feed_forward", "dtype",
    "eos_token_id", "id2label", "initializer_factor", "initializer_range", "is_encoder_decoder",
    "label2id", "model_type", "output_attentions", "output_hidden_states", "pad_token_id",
    "return_dict", "torch_dtype", "transformers_version", "projection_dim", "activation_dropout",
    "classifier_dropout", "encoder_layerdrop", "init_std", "use_cache", "num_hidden_layers",
    "scale_embedding", "_name_or_path",
)  # fmt: skip
"""What transformers writes into every config and these networks do not read."""
EXPECTED: dict[str, tuple[Any, ...]] = {
    "layer_norm_eps": (1e-5,),
    "activation_function": ("gelu",),
}


def transformers_text_config(document: object, *, penultimate: bool = False) -> TextEncoderConfig:
    """Read the config of `CLIPTextModel` or `CLIPTextModelWithProjection`.

    Args:
        document: The config.json of the folder `text_encoder` (or `text_encoder_2`).
        penultimate: Whether the pipeline takes the layer before the last, not normalised, as that
            of Stable Diffusion XL does; Stable Diffusion 2's folders leave the last layer out.

    Raises:
        ValueError: It asks for what is not built here, with the field.
    """
    fields = Fields(document, "text_encoder/config.json")
    projected = _class(fields, (CLIP, CLIP_PROJECTED)) == CLIP_PROJECTED
    width = fields.count("hidden_size")
    inner = fields.count("intermediate_size")
    if width < 1 or inner % width:
        raise fields.unexpected("intermediate_size", f"a multiple of {width}")
    activation = fields.one_of("hidden_act", ("gelu", "quick_gelu"))
    projection = fields.count("projection_dim", 512)
    config = TextEncoderConfig(
        vocab_size=fields.count("vocab_size", 49408),
        width=width,
        layers=fields.count("num_hidden_layers"),
        heads=fields.count("num_attention_heads"),
        max_tokens=fields.count("max_position_embeddings", 77),
        causal=True,
        activation="quick_gelu" if activation == "quick_gelu" else "gelu",
        mlp_ratio=inner // width,
        tokenizer="clip",
        pad=CLIP_END if activation == "quick_gelu" else 0,  # as their tokenizers do
        skip_layers=1 if penultimate else 0,
        final_norm=not penultimate,
        projection=projection if projected else None,
    )
    fields.finish(EXPECTED, IGNORED)
    return config


def diffusers_bert_config(document: object) -> BertConfig:
    """Read the config of `LDMBertModel`.

    Args:
        document: The config.json of the folder `bert`.

    Raises:
        ValueError: It asks for what is not built here, with the field.
    """
    fields = Fields(document, "bert/config.json")
    _class(fields, (BERT,))
    width, inner = fields.count("d_model", 1280), fields.count("encoder_ffn_dim", 5120)
    if inner != 4 * width:
        raise fields.unexpected("encoder_ffn_dim", str(4 * width))
    config = BertConfig(
        vocab_size=fields.count("vocab_size", 30522),
        width=width,
        layers=fields.count("encoder_layers", 32),
        heads=fields.count("encoder_attention_heads", 8),
        head_channels=fields.count("head_dim", 64),
        max_tokens=fields.count("max_position_embeddings", 77),
    )
    fields.finish(EXPECTED, IGNORED)
    return config


def _class(fields: Fields, known: tuple[str, ...]) -> str:
    """The network's class, the one entry of `architectures`."""
    return fields.texts("architectures", known)[0]
