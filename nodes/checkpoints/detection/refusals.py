"""What a file is that is no model for LoadModel, and what to do with it: data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Other(NamedTuple):
    """A kind of file that is something else.

    Attributes:
        mark: In a tensor's name.
        kind: What it is.
        remedy: What to do.
    """

    mark: str
    kind: str
    remedy: str


_UNKNOWN = "only the latent diffusion family is run here"

OTHERS: tuple[Other, ...] = (
    Other("double_blocks.", "a Flux model", _UNKNOWN),
    Other("joint_blocks.", "a Stable Diffusion 3 model", _UNKNOWN),
    Other("attn.add_q_proj", "a transformer of the Stable Diffusion 3 or Flux kind", _UNKNOWN),
    Other("effnet_mapper.", "a Stable Cascade model", _UNKNOWN),
    Other("clip_txt_pooled_mapper.", "a Stable Cascade model", _UNKNOWN),
    Other("adaln_single.", "a PixArt model", _UNKNOWN),
    Other("time_conv.weight", "a video model", _UNKNOWN),
    Other("temporal_transformer", "a motion module", _UNKNOWN),
    Other("input_hint_block.", "a ControlNet", "load it with LoadControlNet"),
    Other("controlnet_cond_embedding.", "a ControlNet", "load it with LoadControlNet"),
    Other(".lora_down.", "a LoRA", "load it with LoadLora"),
    Other(".lora_A.", "a LoRA", "load it with LoadLora"),
    Other(".lora.down.", "a LoRA", "load it with LoadLora"),
    Other("_lora.down.", "a LoRA", "load it with LoadLora"),
    Other(".hada_w1_a", "a LoHa", "merge it into a model first"),
    Other(".lokr_w1", "a LoKr", "merge it into a model first"),
    Other("ip_adapter", "an IP-Adapter", "it is not run here"),
    Other("emb_params", "a textual inversion", "name it in a prompt as embedding:NAME"),
    Other("string_to_param", "a textual inversion", "name it in a prompt as embedding:NAME"),
    Other("vision_model.", "a CLIP picture encoder", "it is not needed here"),
    Other("model.layers.0.self_attn", "a language model", "it makes no pictures"),
    Other("lm_head.weight", "a language model", "it makes no pictures"),
)


def other_kind(names: Iterable[str]) -> Other | None:
    """The first kind whose mark is in a name."""
    joined = "\n".join(names)
    return next((other for other in OTHERS if other.mark in joined), None)
