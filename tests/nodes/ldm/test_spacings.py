import math
from importlib import import_module
from typing import Any

import numpy as np
import pytest
import torch

from nodes.ldm.schedule import NoiseSchedule
from nodes.ldm.spacings import SPACINGS, keep_last, leading, trailing
from nodes.ldm.timesteps import steps_of

SD = NoiseSchedule("scaled_linear", 0.00085, 0.012)


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("steps", [1, 2, 10, 27, 50, 333, 1000])
def test_every_spacing_falls_through_the_table_to_zero(spacing: str, steps: int) -> None:
    sigmas = SPACINGS[spacing](SD, steps)

    assert sigmas.dtype == torch.float64
    assert len(sigmas) == steps_of(spacing, 1000, steps) + 1
    assert bool((sigmas.diff() < 0).all())
    assert float(sigmas[-1]) == 0
    assert float(sigmas[0]) <= float(SD.sigmas[-1]) * (1 + 3e-5)  # AYS is printed to 1e-3
    assert float(sigmas[-2]) >= 0.029


def timesteps(sigmas: torch.Tensor) -> list[int]:
    exact = SD.timestep_of(sigmas[:-1])
    assert torch.allclose(exact, exact.round(), rtol=0, atol=1e-9)
    return [int(t) for t in exact.round()]


@pytest.mark.parametrize("steps", [20, 27, 37, 50, 111, 300, 333])
def test_leading_steps_by_whole_strides_from_timestep_1_and_stays_in_the_table(steps: int) -> None:
    expected = [i * (1000 // steps) + 1 for i in reversed(range(steps))]

    assert timesteps(leading(SD, steps)) == expected
    assert max(expected) <= 999


def test_leading_with_every_timestep_visits_each_once() -> None:
    assert timesteps(leading(SD, 1000)) == list(range(999, -1, -1))


def test_twenty_leading_steps_of_stable_diffusion_start_at_951() -> None:
    sigmas = leading(SD, 20)

    assert timesteps(sigmas)[0] == 951
    assert round(float((sigmas[0] ** 2 + 1).sqrt()), 2) == 11.07  # the start's std; 14.65 at T - 1


def test_trailing_starts_at_the_noisiest_timestep() -> None:
    assert timesteps(trailing(SD, 5)) == [999, 799, 599, 399, 199]


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("steps", [0, 1001])
def test_no_more_steps_than_timesteps_and_no_fewer_than_one(spacing: str, steps: int) -> None:
    with pytest.raises(ValueError, match=rf"steps: got {steps}, expected 1\.\.1000"):
        SPACINGS[spacing](SD, steps)


@pytest.mark.parametrize(
    ("strength", "steps", "kept"),
    [(1, 20, 20), (0.75, 20, 15), (0.29, 100, 29), (0.3, 10, 3), (0.04, 20, 0), (0, 20, 0)],
)
def test_strength_keeps_its_share_of_the_last_steps(strength: float, steps: int, kept: int) -> None:
    sigmas = leading(SD, steps)

    assert torch.equal(keep_last(sigmas, strength), sigmas[steps - kept :])


@pytest.mark.parametrize("strength", [-0.1, 1.1, math.nan])
def test_a_strength_outside_its_range_is_refused(strength: float) -> None:
    with pytest.raises(ValueError, match="strength: got"):
        keep_last(leading(SD, 10), strength)


@pytest.mark.parametrize(
    ("setting", "ours"), [("karras", "karras"), ("exponential", "exponential")]
)
@pytest.mark.parametrize("steps", [5, 10, 28])
@pytest.mark.filterwarnings("ignore:__array_:DeprecationWarning")
def test_spacings_in_sigma_are_those_of_the_reference(setting: str, ours: str, steps: int) -> None:
    extra: dict[str, Any] = {f"use_{setting}_sigmas": True, "timestep_spacing": "linspace"}
    theirs = import_module("diffusers").EulerDiscreteScheduler(
        beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012, **extra
    )
    theirs.set_timesteps(steps)

    assert torch.allclose(SPACINGS[ours](SD, steps).float(), theirs.sigmas, rtol=3e-5)


@pytest.mark.parametrize(("name", "ours"), [("", "ays"), ("XL", "ays_sdxl")])
def test_ten_align_your_steps_are_the_published_ones(name: str, ours: str) -> None:
    published = import_module("diffusers.schedulers").AysSchedules[f"StableDiffusion{name}Sigmas"]

    assert SPACINGS[ours](SD, 10).tolist() == pytest.approx(published, rel=1e-9)


def test_other_counts_of_align_your_steps_lie_between_the_published_ones_in_log_sigma() -> None:
    ten, twenty = SPACINGS["ays"](SD, 10), SPACINGS["ays"](SD, 20)
    known = np.log([*ten[:-1].tolist(), 0.029])
    expected = np.exp(np.interp(np.linspace(0, 1, 21), np.linspace(0, 1, 11), known))

    assert twenty[:-1].tolist() == pytest.approx(list(expected[:-1]), rel=1e-9)
    assert twenty[0:20:2].tolist() == pytest.approx(ten[:-1].tolist(), rel=1e-9)


def test_arctangents_of_kl_optimal_are_evenly_spaced() -> None:
    strides = SPACINGS["kl_optimal"](SD, 9)[:-1].atan().diff()

    assert torch.allclose(strides, strides[0].expand(8), rtol=1e-9)


def test_normal_ends_at_the_first_level_and_sgm_uniform_one_stride_above() -> None:
    assert timesteps(SPACINGS["normal"](SD, 10)) == list(range(999, -1, -111))
    assert timesteps(SPACINGS["sgm_uniform"](SD, 9)) == list(range(999, 0, -111))


def test_simple_is_every_so_manieth_level_from_the_top() -> None:
    assert timesteps(SPACINGS["simple"](SD, 4)) == [999, 749, 499, 249]
