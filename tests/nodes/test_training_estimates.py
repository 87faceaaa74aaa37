"""What trainings say of their memory before they start."""

import pytest

from engine.node import Absent, Estimate, Facts, Inference, Settings
from nodes.estimates import LIBRARIES
from nodes.memory import ATTENDING_UNIT, attending_floats, learning_floats
from nodes.train_denoiser import continue_inpainting, train_inpainting
from nodes.train_diffusion import train_diffusion
from nodes.train_first_stage import train_autoencoder
from nodes.training.conditioned import Examples, new_denoiser
from nodes.training.shapes import denoiser_levels
from nodes.training_estimates import PER_WEIGHT

LATENT: Facts = {"n": 10, "c": 4, "h": 16, "w": 16}
MB = 1024 * 1024


def told(facts: dict[str, Facts] | None = None, **changed: object) -> Estimate | None:
    shape = {"width": 48, "channel_mult": "1,2,2", "attention": "2,4", "context_width": 128}
    settings = {**shape, "batch": 16, "steps": 3, **changed}
    assert train_diffusion.estimate
    return train_diffusion.estimate(Inference(settings, facts or {"latent": LATENT}), Settings())


def bytes_of(found: Estimate | None) -> int:
    assert found
    return found.working + sum(found.kept.values())


@pytest.mark.parametrize(
    ("width", "mult", "cells", "batch", "words", "taken"),
    [
        (48, "1,2,2", 16, 16, False, 421),
        (48, "1,2,2", 16, 64, False, 527),
        (48, "1,2,2", 16, 16, True, 505),
        (48, "1,2,2", 16, 64, True, 692),
        (96, "1,2,2", 16, 32, True, 866),
        (48, "1,2,2", 32, 16, False, 610),
        (64, "1,2,4", 16, 32, False, 647),
        (32, "1,1,1", 64, 4, False, 748),
    ],
)
def test_a_training_takes_a_little_less_than_is_told(
    width: int, mult: str, cells: int, batch: int, words: bool, taken: int
) -> None:
    """Largest resident sizes in MB, of processes that trained for three steps."""
    facts: dict[str, Facts] = {"latent": {**LATENT, "h": cells, "w": cells}}
    if words:
        facts["tokens"] = {"n": 10, "told": "words"}
    found = bytes_of(told(facts, width=width, channel_mult=mult, batch=batch)) / MB

    assert taken <= found < 1.5 * taken


def test_weights_count_as_the_network_has_them() -> None:
    import torch

    shape = denoiser_levels(4, 4, 48, (1, 2, 2), None)
    network = new_denoiser(Examples(torch.zeros(1, 4, 16, 16)), shape, 128, 0)
    weights = sum(p.numel() for p in network.parameters())
    examples = 10 * 4 * 16 * 16
    found = told()
    assert found

    maps = attending_floats(shape) / ATTENDING_UNIT * 256**2
    passes = 4 * 16 * (learning_floats(shape) * 256 + maps)
    assert found.working == pytest.approx(PER_WEIGHT * weights + passes + 4 * examples, rel=1e-6)
    assert found.kept == LIBRARIES


def test_where_shapes_are_not_known_nothing_is_told() -> None:
    assert told({"latent": {"n": 10}}) is None
    assert told({"latent": LATENT, "start": {"c": 4}}) is None
    assert told(channel_mult="a") is None
    assert told(batch=None) is None


@pytest.mark.parametrize("tokens", [{}, {"tokens": {"n": 10, "told": "words"}}])
def test_a_training_that_goes_on_tells_what_the_one_before_it_told(
    tokens: dict[str, Facts],
) -> None:
    """Its widths are those of the denoiser it starts from, whatever its own settings say."""
    facts: dict[str, Facts] = {"latent": LATENT, **tokens}
    settings = {"width": 96, "channel_mult": "1,2,2", "attention": "2,4", "context_width": 128}
    assert train_diffusion.infer
    made = train_diffusion.infer(Inference({**settings, "objective": "v"}, facts)) or {}
    start = made["unet"]
    assert not isinstance(start, Absent)

    assert told({**facts, "start": start}, width=32, context_width=64) == told(facts, width=96)


@pytest.mark.parametrize(
    ("width", "crop", "taken"), [(16, 64, 387), (16, 128, 523), (32, 128, 761)]
)
def test_a_first_stage_takes_a_little_less_than_is_told(width: int, crop: int, taken: int) -> None:
    settings = {
        "channels": 4, "levels": 4, "width": width, "regularizer": "kl", "codes": 512,
        "crop": crop, "batch": 8, "steps": 3,
    }  # fmt: skip
    assert train_autoencoder.estimate
    scenes: Facts = {"n": 32, "h": 128, "w": 128}
    found = train_autoencoder.estimate(Inference(settings, {"scenes": scenes}), Settings())

    assert taken <= bytes_of(found) / MB < 1.6 * taken


def test_a_training_tells_its_time_within_a_factor_of_two_of_one_core_here() -> None:
    """Seconds a step of batch 16, as measured on one core with AVX-512 and AMX."""
    quiet = told(steps=1000)
    words = told({"latent": LATENT, "tokens": {"n": 10, "told": "words"}}, steps=1000)

    assert quiet
    assert words
    assert 0.5 < quiet.seconds / 140 < 2
    assert 0.5 < words.seconds / 280 < 2


@pytest.mark.parametrize(
    ("channels", "cells", "width", "mult", "attention", "taken"),
    [
        (3, 16, 16, "2,2,6", "2,4", 0.136),
        (4, 8, 32, "1,3", "1,2", 0.074),
        (8, 4, 32, "1,3", "1,2", 0.046),
    ],
)
def test_small_maps_are_told_their_time_too(
    channels: int, cells: int, width: int, mult: str, attention: str, taken: float
) -> None:
    """As measured in `study_compression.json`, one core; of pixels 2.6 times too much is told."""
    latent: Facts = {"n": 10, "c": channels, "h": cells, "w": cells}
    found = told({"latent": latent}, width=width, channel_mult=mult, attention=attention, steps=100)

    assert found
    assert 0.5 < found.seconds / (100 * taken) < 2


def test_time_grows_with_steps_and_batches_and_is_not_told_of_other_devices() -> None:
    shape = {"width": 48, "channel_mult": "1,2,2", "attention": "2,4", "context_width": 128}
    settings = {**shape, "batch": 16, "steps": 100, "accumulate": 3}
    assert train_diffusion.estimate
    elsewhere = train_diffusion.estimate(Inference(settings, {"latent": LATENT}), Settings("cuda"))
    one, three = told(steps=100), told(steps=100, accumulate=3)

    assert one
    assert three
    assert three.seconds == pytest.approx(3 * one.seconds)
    assert elsewhere
    assert elsewhere.seconds == 0


def test_inpainting_tells_the_same_of_a_new_denoiser_and_of_one_trained_further() -> None:
    shape = {"width": 64, "channel_mult": "1,2,3", "context_width": 128}
    settings = {**shape, "batch": 64, "steps": 1000}
    facts: dict[str, Facts] = {"examples": LATENT}
    assert train_inpainting.infer
    assert train_inpainting.estimate
    assert continue_inpainting.estimate
    new = train_inpainting.estimate(Inference(settings, facts), Settings())
    unet = (train_inpainting.infer(Inference(settings, facts)) or {})["unet"]
    assert not isinstance(unet, Absent)
    further = {"batch": 64, "steps": 1000}
    same = continue_inpainting.estimate(Inference(further, {**facts, "unet": unet}), Settings())

    assert new
    assert new.seconds > 100
    assert new == same
