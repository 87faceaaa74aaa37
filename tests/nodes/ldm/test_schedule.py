import math
from importlib import import_module

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nodes.ldm.schedule import (
    BETAS,
    PREDICTIONS,
    NoiseSchedule,
    eps_of,
)

LDM = NoiseSchedule()
SD = NoiseSchedule("scaled_linear", 0.00085, 0.012)


@pytest.mark.parametrize(
    ("schedule", "sigma_max", "digits"),
    [
        (NoiseSchedule("scaled_linear", 0.0015, 0.0195), 83.8, 1),
        (NoiseSchedule("scaled_linear", 0.0015, 0.0155), 38.66, 2),
        (NoiseSchedule("scaled_linear", 0.0015, 0.0205), 101.6, 1),
        (NoiseSchedule("scaled_linear", 0.0015, 0.015), 35.07, 2),
        (SD, 14.6146, 4),
        (NoiseSchedule("linear", 1e-4, 0.02), 157.4, 1),
    ],
)
def test_the_last_sigma_is_the_one_of_the_published_schedule(
    schedule: NoiseSchedule, sigma_max: float, digits: int
) -> None:
    assert round(float(schedule.sigmas[-1]), digits) == sigma_max


def test_alpha_bar_ends_at_the_published_figures() -> None:
    assert float(LDM.alpha_bar[-1]) == pytest.approx(1.42e-4, rel=5e-3)
    assert float(SD.alpha_bar[-1]) == pytest.approx(4.66e-3, rel=5e-4)
    assert float(SD.sigmas[0]) == pytest.approx(0.0292, rel=2e-3)


def test_the_cosine_schedule_follows_its_closed_form() -> None:
    schedule = NoiseSchedule("cosine")
    t = torch.arange(1, 901, dtype=torch.float64) / 1000
    f = torch.cos((t + 0.008) / 1.008 * math.pi / 2) ** 2
    start = math.cos(0.008 / 1.008 * math.pi / 2) ** 2

    assert torch.allclose(schedule.alpha_bar[:900], f / start, rtol=1e-10)
    assert float(schedule.betas.max()) == 0.999


@pytest.mark.parametrize("kind", BETAS)
def test_every_kind_makes_sigmas_rise_in_float64(kind: str) -> None:
    sigmas = NoiseSchedule(kind, 1e-4, 0.02).sigmas

    assert sigmas.dtype == torch.float64
    assert sigmas.shape == (1000,)
    assert bool((sigmas.diff() > 0).all())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("quadratic",), "got kind 'quadratic', expected one of"),
        (("linear", 0.02, 1e-4), r"got betas 0\.02\.\.0\.0001"),
        (("linear", 0.0, 0.02), r"got betas 0\.0\.\.0\.02"),
        (("linear", 1e-4, 0.02, 1), "got 1 timesteps, expected at least 2"),
    ],
)
def test_an_impossible_schedule_is_refused(
    arguments: tuple[str, float, float, int], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        NoiseSchedule(*arguments)


@given(t=st.floats(0, 999))
def test_timestep_of_undoes_sigma_of(t: float) -> None:
    timestep = torch.tensor([t], dtype=torch.float64)

    assert torch.allclose(SD.timestep_of(SD.sigma_of(timestep)), timestep, rtol=0, atol=1e-9)


def test_sigma_of_a_whole_timestep_is_its_row_of_the_table() -> None:
    assert torch.allclose(SD.sigma_of(torch.arange(1000)), SD.sigmas, rtol=1e-14)


def test_a_sigma_outside_the_table_takes_its_first_or_last_timestep() -> None:
    assert SD.timestep_of(torch.tensor([0.0, 1e-3, 1e3])).tolist() == [0, 0, 999]


def test_the_closed_form_has_the_moments_of_the_chain() -> None:
    mean, variance = torch.ones(()).double(), torch.zeros(()).double()
    one, zero = torch.ones(1, 1).double(), torch.zeros(1, 1).double()
    for t, beta in enumerate(LDM.betas):
        mean, variance = (1 - beta).sqrt() * mean, (1 - beta) * variance + beta
        at = torch.tensor([t])

        assert torch.allclose(LDM.q_sample(one, at, zero), mean, rtol=1e-10)
        assert torch.allclose(LDM.q_sample(zero, at, one) ** 2, variance, rtol=1e-10)


def test_pictures_noised_step_by_step_are_spread_like_those_noised_at_once() -> None:
    schedule, draws = NoiseSchedule("linear", 1e-3, 0.2, 40), 50_000
    random = torch.Generator().manual_seed(0)
    x = torch.full((draws, 1), 1.5, dtype=torch.float64)
    x0, last = x, torch.full((draws,), 39)
    for beta in schedule.betas:
        x = (1 - beta).sqrt() * x + beta.sqrt() * torch.randn(x.shape, generator=random)
    at_once = schedule.q_sample(x0, last, torch.randn(x.shape, generator=random).double())

    assert abs(x.mean() - at_once.mean()) < 5 * math.sqrt(2 / draws)
    assert abs(x.var() - at_once.var()) < 5 * math.sqrt(4 / draws)


def test_q_sample_noises_each_image_to_its_own_timestep_in_its_own_type() -> None:
    x0, eps = torch.ones(2, 3, 2, 2), torch.zeros(2, 3, 2, 2)
    x_t = LDM.q_sample(x0, torch.tensor([0, 999]), eps)

    assert x_t.dtype == torch.float32
    assert torch.allclose(x_t[:, 0, 0, 0].double(), LDM.alpha_bar[[0, 999]].sqrt())


@pytest.mark.parametrize("prediction", PREDICTIONS)
def test_a_perfect_prediction_gives_back_the_picture_and_its_noise(prediction: str) -> None:
    random = torch.Generator().manual_seed(1)
    x0, eps = torch.randn(2, 4, 3, 2, 2, dtype=torch.float64, generator=random)
    t = torch.tensor([0, 3, 777, 999])
    signal, spread = SD.signal_and_noise(t, x0)
    x_t = SD.q_sample(x0, t, eps)
    output = PREDICTIONS[prediction].target(x0, eps, signal, spread)
    x0_again = PREDICTIONS[prediction].x0(x_t, output, signal, spread)

    assert torch.allclose(x0_again, x0, atol=1e-12)
    assert torch.allclose(eps_of(x_t, x0_again, signal, spread), eps, atol=1e-12)


@pytest.mark.parametrize("kind", BETAS)
def test_without_terminal_signal_the_first_level_stays_and_the_last_has_none(kind: str) -> None:
    plain = NoiseSchedule(kind, 0.00085, 0.012)
    table = NoiseSchedule(kind, 0.00085, 0.012, zero_terminal_snr=True)

    assert table.alpha_bar[0] == pytest.approx(float(plain.alpha_bar[0]), rel=1e-12)
    assert float(table.alpha_bar[-1]) <= 2**-24
    assert bool((table.alpha_bar.diff() < 0).all())
    assert bool(table.sigmas.isfinite().all())


def test_the_levels_without_terminal_signal_are_the_references() -> None:
    theirs = import_module("diffusers").DDIMScheduler(
        beta_schedule="scaled_linear",
        beta_start=0.00085,
        beta_end=0.012,
        rescale_betas_zero_snr=True,
    )
    ours = NoiseSchedule("scaled_linear", 0.00085, 0.012, zero_terminal_snr=True).alpha_bar

    assert torch.allclose(ours[:-1].float(), theirs.alphas_cumprod[:-1], rtol=1e-3, atol=1e-6)
    assert float(theirs.alphas_cumprod[-1]) == 0
