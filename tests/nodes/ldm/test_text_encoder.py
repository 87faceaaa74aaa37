"""The text encoder against transformers' CLIP, at random weights and in CLIP's key layout.

Tolerance: 1e-4 absolute in float32, at outputs of about unit size.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from diffusers.loaders.single_file_utils import convert_ldm_clip_checkpoint
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel

from nodes.ldm.text_config import CLIP_L, TextEncoderConfig
from nodes.ldm.text_encoder import TextEncoder

Randomize = Callable[[nn.Module], None]

CAUSAL = TextEncoderConfig(
    vocab_size=99, width=64, layers=2, heads=4, max_tokens=17, causal=True, activation="quick_gelu"
)


@pytest.mark.parametrize(
    "config",
    [CAUSAL, replace(CAUSAL, activation="gelu", heads=8, mlp_ratio=2)],
    ids=["quick-gelu", "gelu"],
)
@torch.no_grad()
def test_a_causal_encoder_computes_what_clip_computes(
    config: TextEncoderConfig, randomize: Randomize
) -> None:
    ours, reference = TextEncoder(config).eval(), clip(config).eval()
    randomize(ours)
    reference.load_state_dict(to_clip(ours))
    token_ids = tokens(config)

    expected = reference(token_ids).last_hidden_state
    got = ours(token_ids)

    assert expected.std() > 0.1
    assert (got - expected).abs().max() < 1e-4


@pytest.mark.parametrize("final_norm", [True, False])
@torch.no_grad()
def test_an_earlier_layer_is_handed_on_with_or_without_the_final_normalisation(
    final_norm: bool, randomize: Randomize
) -> None:
    config = replace(CAUSAL, layers=3, skip_layers=1, final_norm=final_norm)
    ours, reference = TextEncoder(config).eval(), clip(config).eval()
    randomize(ours)
    reference.load_state_dict(to_clip(ours))
    token_ids = tokens(config)
    hidden = reference(token_ids, output_hidden_states=True).hidden_states

    for asked, skipped in ((None, 1), (0, 0), (1, 1), (2, 2)):
        layer = hidden[-1 - skipped]
        expected = reference.final_layer_norm(layer) if final_norm else layer
        got = ours.encode(token_ids, asked)
        assert got.pooled is None
        assert (got.context - expected).abs().max() <= 1e-5 * expected.abs().max()


@pytest.mark.parametrize("asked", [-1, 2, 9])
def test_layers_that_are_not_there_are_refused(asked: int) -> None:
    with pytest.raises(ValueError, match=f"skip_layers is {asked}, but the text encoder has 2"):
        TextEncoder(CAUSAL).encode(tokens(CAUSAL), asked)


@torch.no_grad()
def test_only_an_unmasked_encoder_lets_a_later_word_change_an_earlier_one(
    randomize: Randomize,
) -> None:
    changed = {}
    for causal in (True, False):
        encoder = TextEncoder(replace(CAUSAL, causal=causal)).eval()
        randomize(encoder)
        before = tokens(CAUSAL)
        after = before.clone()
        after[:, -1] = (after[:, -1] + 1) % CAUSAL.vocab_size
        changed[causal] = float((encoder(before) - encoder(after))[:, 0].abs().max())

    assert changed[True] == 0.0
    assert changed[False] > 1e-5


@torch.no_grad()
def test_a_shorter_text_takes_the_first_positions(randomize: Randomize) -> None:
    encoder = TextEncoder(CAUSAL).eval()
    randomize(encoder)
    token_ids = tokens(CAUSAL)

    assert torch.allclose(encoder(token_ids[:, :5]), encoder(token_ids)[:, :5], atol=1e-5)


def test_every_tensor_of_clip_l_has_its_place_and_shape() -> None:
    with torch.device("meta"):
        ours, reference = TextEncoder(CLIP_L), clip(CLIP_L)
    expected = {name: tensor.shape for name, tensor in reference.state_dict().items()}

    assert {name: tensor.shape for name, tensor in to_clip(ours).items()} == expected
    assert len(ours.state_dict()) == 196
    assert round(sum(p.numel() for p in ours.parameters()) / 1e6, 2) == 123.06


def tokens(config: TextEncoderConfig) -> Tensor:
    generator = torch.Generator().manual_seed(1)
    # CLIP pools at its end token, which must occur; what is compared does not depend on it.
    return torch.randint(0, config.vocab_size, (3, config.max_tokens), generator=generator)


def clip(config: TextEncoderConfig) -> Any:
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=config.vocab_size,
            hidden_size=config.width,
            intermediate_size=config.mlp_ratio * config.width,
            num_hidden_layers=config.layers,
            num_attention_heads=config.heads,
            max_position_embeddings=config.max_tokens,
            hidden_act=config.activation,
            eos_token_id=2,
        )
    )


def to_clip(ours: TextEncoder) -> dict[str, Tensor]:
    """Our names below the checkpoint's prefix, through diffusers' converter.

    transformers dropped the `text_model.` level from CLIPTextModel; the converter still has it.
    """
    prefix = "cond_stage_model.transformer.text_model."
    stored = {prefix + name: tensor for name, tensor in ours.state_dict().items()}
    converted: dict[str, Tensor] = convert_ldm_clip_checkpoint(stored)
    return {name.removeprefix("text_model."): tensor for name, tensor in converted.items()}
