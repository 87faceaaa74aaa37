"""What is known of a denoiser before it is trained."""

import pytest

from engine.node import Absent, Facts, Inference, Settings
from nodes.train_diffusion import train_diffusion

LATENT: Facts = {"n": 10, "c": 4, "h": 16, "w": 16}
SETTINGS = {
    "width": 48, "channel_mult": "1,2,2", "attention": "2,4", "context_width": 128,
    "objective": "v", "batch": 16, "steps": 3,
}  # fmt: skip
START: Facts = {
    "c": 4, "width": 64, "stride": 8, "peak": 9, "learning": 9, "attending": 9, "weights": 9,
    "prediction": "eps", "space": "kl", "file": "old.safetensors", "concat": "4 channels",
}  # fmt: skip


def given(**facts: Facts) -> Inference:
    return Inference(SETTINGS, {"latent": LATENT} | facts)


def unet(**facts: Facts) -> Facts:
    assert train_diffusion.infer
    found = (train_diffusion.infer(given(**facts)) or {})["unet"]
    assert not isinstance(found, Absent)
    return found


def test_one_that_goes_on_keeps_the_shape_it_starts_from_and_nothing_else() -> None:
    found = unet(start=START)

    assert {name: found[name] for name in ("stride", "weights")} == {"stride": 8, "weights": 9}
    assert (found["concat"], found["prediction"], found["width"]) == ("none", "v", 0)
    assert not found.keys() & {"space", "file"}


@pytest.mark.parametrize(("beside", "told"), [({"channels": 5}, "5 channels"), ({}, None)])
def test_what_lies_beside_is_the_datasets_not_the_starts(beside: Facts, told: str | None) -> None:
    assert unet(start=START, beside=beside).get("concat") == told


@pytest.mark.parametrize(
    ("tokens", "start", "width"),
    [
        ({"told": "words"}, None, 128),
        ({"told": "words"}, START, 64),
        ({"told": "words"}, {**START, "width": 0}, 128),
        ({"told": "words"}, {"c": 4}, None),
        ({"told": "vectors", "width": 48}, START, 48),
        ({"told": "vectors"}, START, None),
        ({}, START, None),
    ],
)
def test_a_context_is_as_wide_as_its_tokens_its_start_or_its_setting(
    tokens: Facts, start: Facts | None, width: int | None
) -> None:
    begun = {} if start is None else {"start": start}

    assert unet(tokens=tokens, **begun).get("width") == width


def test_latents_must_halve_as_often_as_the_denoiser_that_is_trained_further() -> None:
    assert train_diffusion.review
    tall: Facts = {**LATENT, "h": 36}
    (finding,) = train_diffusion.review(given(latent=tall, start=START))

    assert finding.expected == "multiples of 8"
    assert [edit for fix in finding.fixes for edit in fix.edits] == []
    assert not list(train_diffusion.review(given(latent=tall)))


def test_a_denoiser_that_attends_nowhere_tells_its_memory_too() -> None:
    assert train_diffusion.estimate
    nowhere = Inference({**SETTINGS, "attention": "64"}, {"latent": LATENT})
    found = train_diffusion.estimate(nowhere, Settings())

    assert found
    assert found.working > 1_000_000
