"""What the heavy nodes say of their memory: weights by numerics, a pass by size and batch."""

from typing import Any

import pytest

from engine.node import Estimate, Facts, Inference, Settings
from nodes.estimates import (
    LIBRARIES,
    bytes_of_number,
    estimate_decoding,
    estimate_denoising,
    estimate_encoding,
    estimate_reading,
)
from nodes.ldm.config import KL_F8, LARGE, SD15
from nodes.memory import decoding_floats, denoising_floats, encoding_floats

UNET: Facts = {"weights": 860_000_000, "peak": denoising_floats(SD15), "file": "sd.safetensors"}
STAGE: Facts = {
    "weights": 84_000_000, "f": 8, "file": "sd.safetensors",
    "peak": decoding_floats(KL_F8), "peak_in": encoding_floats(KL_F8),
}  # fmt: skip
EXACT, FAST = Settings(numerics="reference"), Settings(numerics="auto")


def denoising(run: Settings = EXACT, settings: Any = None, **facts: Facts) -> Estimate:
    known = {"unet": UNET, "latent": {"w": 64, "h": 64, "n": 1}, **facts}
    found = estimate_denoising(
        Inference({"guidance": 7.5, "tile": 0, **(settings or {})}, known), run
    )
    assert found
    return found


def weights(found: Estimate) -> int:
    return sum(found.kept.values()) - sum(LIBRARIES.values())


@pytest.mark.parametrize(
    ("numerics", "count", "each"),
    [("reference", LARGE, 4), ("auto", LARGE, 2), ("auto", LARGE - 1, 4), ("fast", 1, 2)],
)
def test_a_number_takes_what_the_type_takes_in_which_networks_are_held(
    numerics: str, count: int, each: int
) -> None:
    from nodes.runtime import type_for

    assert bytes_of_number(numerics, count) == each == type_for(numerics, count).itemsize


def test_fast_numerics_take_about_half() -> None:
    exact, fast = denoising(), denoising(FAST)

    assert fast.working == exact.working // 2
    assert weights(exact) == 4 * 860_000_000
    assert 0.5 < weights(fast) / weights(exact) < 0.52


def test_guidance_size_and_batch_take_their_multiple_and_a_window_bounds_it() -> None:
    once = denoising(settings={"guidance": 1.0}).working

    assert denoising().working == 2 * once
    assert denoising(latent={"w": 128, "h": 64, "n": 3}).working == 2 * 3 * 2 * once
    large: Facts = {"w": 256, "h": 256, "n": 1}
    assert denoising(settings={"tile": 64}, latent=large).working == 2 * once


def test_controls_count_with_their_weights_and_what_they_add() -> None:
    control: Facts = {"weights": 361_000_000, "beside": 1000, "file": "canny"}
    found = denoising(FAST, control=control)

    assert found.kept["control of canny"] == 4 * 361_000_000
    assert found.working - denoising(FAST).working == 2 * 64 * 64 * 1000 * 4


def test_a_lora_counts_with_the_weights_it_copies() -> None:
    found = denoising(unet={**UNET, "patched": 1000, "loras": "style"})

    assert weights(found) - weights(denoising()) == 4000


def test_pictures_take_by_their_pixels_and_few_are_decoded_at_once() -> None:
    def decoded(batch: int, tile: int = 0) -> int:
        facts: dict[str, Facts] = {
            "autoencoder": STAGE, "latent": {"w": 64, "h": 64, "n": batch}
        }  # fmt: skip
        found = estimate_decoding(Inference({"tile": tile}, facts), EXACT)
        assert found
        return found.working

    assert decoded(1) == 4 * decoding_floats(KL_F8) * 512 * 512
    assert decoded(4) == decoded(400) == 4 * decoded(1)
    assert decoded(1, tile=256) == decoded(1) // 4


def test_encoding_takes_less_than_decoding() -> None:
    facts: dict[str, Facts] = {"autoencoder": STAGE, "image": {"w": 512, "h": 512, "n": 2}}
    found = estimate_encoding(Inference({"tile": 0}, facts), EXACT)

    assert found
    assert found.working == 2 * 4 * encoding_floats(KL_F8) * 512 * 512
    assert encoding_floats(KL_F8) < decoding_floats(KL_F8)


def test_text_encoders_stay_exact() -> None:
    facts: dict[str, Facts] = {"text_encoder": {"weights": 123, "file": "sd"}}
    found = estimate_reading(Inference({}, facts), FAST)

    assert found
    assert weights(found) == 4 * 123


@pytest.mark.parametrize(
    "estimate", [estimate_denoising, estimate_decoding, estimate_encoding, estimate_reading]
)
def test_where_nothing_is_known_nothing_is_told(estimate: Any) -> None:
    assert estimate(Inference({"guidance": 1.0, "tile": 0}, {}), EXACT) is None
