"""Sizes against diffusers' embedding of `time_ids`."""

import pytest
import torch
from diffusers.models.embeddings import Timesteps

from engine.node import Facts, Inference
from nodes.size_condition import size_condition
from nodes.unet_denoise import unet_denoise
from nodes.values import Conditioning
from tests.nodes.asking import messages


def prompt(batch: int = 1) -> Conditioning:
    generator = torch.Generator().manual_seed(0)
    return Conditioning(
        torch.randn(batch, 77, 8, generator=generator),
        torch.randn(batch, 1280, generator=generator),
    )


@pytest.mark.parametrize("batch", [1, 3])
def test_the_vector_is_what_the_reference_adds(batch: int) -> None:
    cond = prompt(batch)
    told = size_condition(cond, 832, 1216, 16, 8, 1024, 960)
    time_ids = torch.tensor([832, 1216, 16, 8, 1024, 960])
    embedded = Timesteps(256, flip_sin_to_cos=True, downscale_freq_shift=0)(time_ids).flatten()

    assert told.vector is not None
    assert cond.vector is not None
    assert told.vector.shape == (batch, 2816)
    assert torch.equal(told.vector[:, :1280], cond.vector)
    assert torch.allclose(told.vector[:, 1280:], embedded.expand(batch, -1), atol=1e-6)
    assert torch.equal(told.context, cond.context)


def test_the_target_is_the_size_unless_it_is_given() -> None:
    assert (
        size_condition(prompt(), 512, 768).to_bytes()
        == size_condition(prompt(), 512, 768, 0, 0, 512, 768).to_bytes()
    )
    assert (
        size_condition(prompt(), 512, 768).to_bytes()
        != size_condition(prompt(), 512, 768, 0, 0, 768, 512).to_bytes()
    )


def test_the_refiner_is_told_a_score_in_place_of_the_target() -> None:
    told = size_condition(prompt(), 832, 1216, 16, 8, 1024, 960, score=2.5)
    time_ids = torch.tensor([832, 1216, 16, 8, 2.5])
    embedded = Timesteps(256, flip_sin_to_cos=True, downscale_freq_shift=0)(time_ids)

    assert told.vector is not None
    assert told.vector.shape == (1, 2560)
    assert torch.allclose(told.vector[:, 1280:], embedded.flatten()[None], atol=1e-6)
    assert size_condition.infer
    known = size_condition.infer(Inference({"score": 2.5}, {"cond": {"vector": 1280}}))
    assert known == {"conditioning": {"vector": 2560}}


def test_a_prompt_without_a_vector_is_refused() -> None:
    plain = Conditioning(torch.zeros(1, 77, 8))

    assert messages(size_condition, cond=plain) == [
        "cond: the text encoder gives no vector for the whole prompt, so there is nothing to add"
        " sizes to"
    ]
    with pytest.raises(ValueError, match="cond has no vector"):
        size_condition(plain)


def test_the_width_is_known_before_anything_runs() -> None:
    assert size_condition.infer
    known = size_condition.infer(Inference({}, {"cond": {"n": 2, "vector": 1280}}))

    assert known == {"conditioning": {"n": 2, "vector": 2816}}
    assert size_condition.infer(Inference({}, {"cond": {}})) == {"conditioning": {}}


@pytest.mark.parametrize(
    ("unet", "cond", "told"),
    [
        ("none", "none", []),
        ("a vector of 2816", 2816, []),
        (
            "a vector of 2816",
            1280,
            ["this UNet is told a vector of 2816, but `cond` carries a vector of 1280"],
        ),
        (
            "a vector of 2816",
            "none",
            ["this UNet is told a vector of 2816, but `cond` carries none"],
        ),
        (
            "none",
            1280,
            ["this UNet is told nothing but tokens, but `cond` carries a vector of 1280"],
        ),
    ],
)
def test_a_denoiser_meets_only_the_vector_it_was_trained_with(
    unet: str, cond: int | str, told: list[str]
) -> None:
    assert unet_denoise.review
    facts: dict[str, Facts] = {"unet": {"vector": unet}, "cond": {"vector": cond}}
    settings = {"guidance": 1.0, "sampler": "ddim", "eta": 0.0, "rescale": 0.0, "tile": 0}
    asked = Inference(settings, facts)

    assert [found.message for found in unet_denoise.review(asked)] == told
