"""Text encoders as transformers stores them are named whole, config and tensors."""

from typing import Any

import pytest
import torch
from diffusers.pipelines.latent_diffusion.pipeline_latent_diffusion import (
    LDMBertConfig,
    LDMBertModel,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from nodes.checkpoints.diffusers.text import diffusers_bert_config, transformers_text_config
from nodes.checkpoints.layouts.text import text_shapes
from nodes.checkpoints.layouts.transformers_text import diffusers_bert_map, transformers_text_map
from nodes.ldm.text_encoder import TextEncoder
from tests.nodes.checkpoints.loading import error, filled, places, randomized

SMALL: dict[str, Any] = {
    "vocab_size": 49408,
    "hidden_size": 32,
    "intermediate_size": 128,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "projection_dim": 24,
}


def config_json(config: CLIPTextConfig, network: type) -> dict[str, Any]:
    document: dict[str, Any] = config.to_dict()
    return {**document, "architectures": [network.__name__]}


@torch.no_grad()
def test_a_clip_text_model_computes_the_same_here() -> None:
    published = CLIPTextConfig(**SMALL)
    reference = randomized(CLIPTextModel(published))
    config = transformers_text_config(config_json(published, CLIPTextModel))
    stored = reference.state_dict()
    names = transformers_text_map(config, stored)
    assert places(names) == set(stored)
    assert config.projection is None
    ours = filled(TextEncoder(config), names, stored)
    tokens = torch.randint(0, 49406, (3, 77), generator=torch.Generator().manual_seed(0))
    assert error(plain(ours(tokens)), reference(tokens).last_hidden_state) < 1e-5


def plain(handed_on: Any) -> torch.Tensor:
    """The tokens, where the encoder hands on more than them."""
    return handed_on if isinstance(handed_on, torch.Tensor) else handed_on[0]


@pytest.mark.parametrize("activation", ["gelu", "quick_gelu"])
def test_a_projected_text_model_is_named_whole(activation: str) -> None:
    published = CLIPTextConfig(**SMALL, hidden_act=activation)
    document = config_json(published, CLIPTextModelWithProjection)
    config = transformers_text_config(document, penultimate=True)
    with torch.device("meta"):
        stored = CLIPTextModelWithProjection(published).state_dict()
    names = transformers_text_map(config, stored)
    assert places(names) == set(stored)
    assert {name: tuple(stored[names[name].name].shape) for name in names} == text_shapes(config)
    assert (config.skip_layers, config.final_norm, config.projection) == (1, False, 24)
    assert (config.activation, config.pad) == (activation, 49407 if "quick" in activation else 0)


def test_the_papers_text_model_is_named_whole() -> None:
    published = LDMBertConfig(vocab_size=100, encoder_layers=2, encoder_ffn_dim=256, d_model=64)
    document = {**published.to_dict(), "architectures": ["LDMBertModel"]}
    config = diffusers_bert_config(document)
    with torch.device("meta"):
        stored = set(LDMBertModel(published).state_dict())
    logits = {"to_logits.weight", "to_logits.bias"}
    assert places(diffusers_bert_map(config)) == stored - logits
    assert (config.vocab_size, config.width, config.layers, config.heads) == (100, 64, 2, 8)
