"""Text encoders in OpenCLIP's layout, against transformers through diffusers' converter.

Tolerance: 1e-5 of the largest value, float32, weights N(0, 0.05).
"""

from dataclasses import replace
from typing import Any

import pytest
import torch
from diffusers.loaders.single_file_utils import convert_open_clip_checkpoint
from torch import Tensor
from transformers import CLIPTextConfig, CLIPTextModelWithProjection

from nodes.checkpoints.layouts.open_clip import open_clip_map
from nodes.checkpoints.layouts.text import text_shapes
from nodes.checkpoints.source import Source
from nodes.ldm.text_config import TextEncoderConfig
from nodes.ldm.text_encoder import TextEncoder
from tests.nodes.checkpoints.zoo import open_clip

PREFIX = "conditioner.embedders.1.model."
LAST = TextEncoderConfig(
    vocab_size=99,
    width=64,
    layers=3,
    heads=4,
    max_tokens=17,
    causal=True,
    tokenizer="clip",
    projection=64,
)
BIG_G = replace(LAST, skip_layers=1, final_norm=False)
H = replace(LAST, skip_layers=1, final_norm=True)


def stored(config: TextEncoderConfig) -> dict[str, Tensor]:
    """Random weights in the layout of a file."""
    generator = torch.Generator().manual_seed(0)
    shapes = {
        **open_clip(config.width, config.layers),
        "token_embedding.weight": (config.vocab_size, config.width),
        "positional_embedding": (config.max_tokens, config.width),
    }
    drawn = {}
    for name, shape in shapes.items():
        drawn[PREFIX + name] = torch.randn(shape, generator=generator) * 0.05
        if "ln_" in name and name.endswith("weight"):
            drawn[PREFIX + name] += 1
    return drawn


def read(tensors: dict[str, Tensor], source: Source) -> Tensor:
    part = tensors[source.name].chunk(source.parts)[source.part]
    return part.T if source.transposed else part


def ours(config: TextEncoderConfig, tensors: dict[str, Tensor]) -> TextEncoder:
    network = TextEncoder(config).eval()
    places = open_clip_map(config, PREFIX)
    network.load_state_dict({name: read(tensors, place) for name, place in places.items()})
    return network


def reference(config: TextEncoderConfig, tensors: dict[str, Tensor]) -> Any:
    model = CLIPTextModelWithProjection(
        CLIPTextConfig(
            vocab_size=config.vocab_size,
            hidden_size=config.width,
            intermediate_size=4 * config.width,
            num_hidden_layers=config.layers,
            num_attention_heads=config.heads,
            max_position_embeddings=config.max_tokens,
            projection_dim=config.projection,
            hidden_act="gelu",
            eos_token_id=config.vocab_size - 1,
        )
    ).eval()
    model.load_state_dict(convert_open_clip_checkpoint(model, dict(tensors), PREFIX))
    return model


def texts(config: TextEncoderConfig) -> Tensor:
    """Three texts, each ending at another place; after the end come pads or further ends."""
    generator = torch.Generator().manual_seed(1)
    ids = torch.randint(1, config.vocab_size - 1, (3, config.max_tokens), generator=generator)
    for row, (end, pad) in enumerate([(3, 0), (9, config.vocab_size - 1), (16, 0)]):
        ids[row, end:] = pad
        ids[row, end] = config.vocab_size - 1
    return ids


@pytest.mark.parametrize("config", [LAST, H, BIG_G], ids=["last", "H", "bigG"])
@torch.no_grad()
def test_a_file_in_open_clip_layout_computes_what_transformers_computes(
    config: TextEncoderConfig,
) -> None:
    tensors, ids = stored(config), texts(config)
    model = reference(config, tensors)
    expected = model(ids, output_hidden_states=True)
    hidden = expected.hidden_states[-1 - config.skip_layers]
    normed = model.text_model.final_layer_norm(hidden) if config.final_norm else hidden
    got = ours(config, tensors).encode(ids)

    assert got.pooled is not None
    assert (got.context - normed).abs().max() <= 1e-5 * normed.abs().max()
    assert (
        got.pooled - expected.text_embeds
    ).abs().max() <= 1e-5 * expected.text_embeds.abs().max()


@pytest.mark.parametrize("config", [LAST, replace(LAST, projection=None)])
def test_the_map_places_every_tensor_once(config: TextEncoderConfig) -> None:
    places = open_clip_map(config, PREFIX)

    assert places.keys() == text_shapes(config).keys()
    assert len(set(places.values())) == len(places)


@pytest.mark.parametrize(
    ("width", "layers", "tensors", "millions"),
    [(1024, 24, 293, 354.03), (1280, 32, 389, 694.66)],
    ids=["H", "bigG"],
)
def test_the_map_covers_the_published_files(
    width: int, layers: int, tensors: int, millions: float
) -> None:
    config = TextEncoderConfig(
        vocab_size=49408, width=width, layers=layers, heads=width // 64, projection=width
    )
    published = open_clip(width, layers)
    del published["logit_scale"]
    numbers = sum(torch.Size(shape).numel() for shape in published.values())

    assert {place.name for place in open_clip_map(config).values()} == published.keys()
    assert len(published) == tensors
    assert round(numbers / 1e6, 2) == millions
