"""What a denoiser that enlarges is told and shown: as diffusers noises and tells it."""

import pytest
import torch
from diffusers import DDPMScheduler

from engine.node import Facts, Inference
from nodes.unet_denoise import unet_denoise
from nodes.upscale_condition import Upscaling, upscale_condition
from nodes.values import Autoencoder, Conditioning, Image

STAGE = Autoencoder("0" * 64, 4, 4)


def words(batch: int = 1) -> Conditioning:
    return Conditioning(torch.ones(batch, 7, 8))


def small() -> Image:
    return Image(torch.rand(2, 3, 16, 8, generator=torch.Generator().manual_seed(1)))


def run(level: int = 20, seed: int = 0) -> Upscaling:
    return upscale_condition(STAGE, small(), words(), words(2), level, seed)


@pytest.mark.parametrize("level", [0, 20, 350])
def test_the_small_picture_is_noised_as_the_reference_noises_it(level: int) -> None:
    schedule = DDPMScheduler(beta_start=0.0001, beta_end=0.02, beta_schedule="scaled_linear")
    picture = 2 * small().data - 1
    noise = torch.randn(picture.shape, generator=torch.Generator("cpu").manual_seed(5))
    expected = schedule.add_noise(picture, noise, torch.tensor([level]))

    assert torch.allclose(run(level, seed=5).concat.channels, expected, atol=2e-6)


def test_both_prompts_are_told_the_level_as_a_class() -> None:
    found = run(level=30)

    for told, batch in ((found.cond, 1), (found.uncond, 2)):
        assert told.vector is not None
        assert told.vector.tolist() == [[30.0]] * batch
        assert torch.equal(told.context, words(batch).context)


def test_the_walk_starts_with_a_cell_for_each_pixel_of_the_small_picture() -> None:
    assert run().latent.data.shape == (2, 4, 16, 8)


def test_what_it_will_bring_is_known_before_anything_runs() -> None:
    assert upscale_condition.infer
    facts: dict[str, Facts] = {"image": {"w": 8, "h": 16, "n": 2}, "cond": {"n": 1}, "uncond": {}}
    found = upscale_condition.infer(Inference({}, facts))

    assert found == {
        "cond": {"n": 1, "vector": 1},
        "uncond": {"vector": 1},
        "concat": {"channels": 3, "w": 8, "h": 16, "n": 2},
        "latent": {"w": 8, "h": 16, "n": 2},
    }


def test_a_prompt_with_a_vector_is_refused() -> None:
    assert upscale_condition.review
    facts: dict[str, Facts] = {"cond": {"vector": 1280}, "uncond": {"vector": "none"}}
    found = list(upscale_condition.review(Inference({}, facts)))

    assert [(f.code, f.port) for f in found] == [("vector-there", "cond")]


@pytest.mark.parametrize(("carried", "codes"), [(1, []), ("none", ["vector-differs"])])
def test_a_denoiser_of_classes_wants_one_number(carried: int | str, codes: list[str]) -> None:
    assert unet_denoise.review
    facts: dict[str, Facts] = {
        "unet": {"vector": "one of 1000 classes"}, "cond": {"vector": carried}
    }  # fmt: skip
    settings = {"guidance": 1.0, "sampler": "ddim", "eta": 0.0, "rescale": 0.0, "tile": 0}
    assert [f.code for f in unet_denoise.review(Inference(settings, facts))] == codes
