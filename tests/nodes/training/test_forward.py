import math

import pytest
import torch

from nodes.ldm.schedule import PREDICTIONS, NoiseSchedule
from nodes.training.forward import (
    FORWARD,
    bits_per_dimension,
    middle_terms,
    posterior,
    prior_term,
    snr_terms,
)

SCHEDULE = NoiseSchedule()
DDPM = NoiseSchedule("linear", 1e-4, 0.02)


def test_step_by_step_is_the_closed_form_in_distribution() -> None:
    """40,000 values of one colour: means and variances agree within five standard errors."""
    x0, steps = torch.full((1, 1, 200, 200), 0.7), [0, 10, 60, 150]
    ways = [way(x0, SCHEDULE, steps, 3).flatten(1) for way in FORWARD.values()]
    for values in ways:
        alpha_bar = SCHEDULE.alpha_bar[steps]
        spread = (1 - alpha_bar).sqrt()
        assert ((values.mean(1) - alpha_bar.sqrt() * 0.7).abs() < 5 * spread / 200).all()
        assert ((values.var(1) / spread**2 - 1).abs() < 5 * math.sqrt(2) / 200).all()


def test_the_chain_of_steps_multiplies_to_the_closed_form() -> None:
    """Without noise both shrink x_0 by the same; the noises' variances add up to 1 - alpha_bar."""
    shrink, variance = torch.ones((), dtype=torch.float64), torch.zeros((), dtype=torch.float64)
    for t, beta in enumerate(SCHEDULE.betas):
        shrink, variance = (1 - beta).sqrt() * shrink, (1 - beta) * variance + beta
        assert abs(shrink - SCHEDULE.alpha_bar[t].sqrt()) < 1e-12
        assert abs(variance - (1 - SCHEDULE.alpha_bar[t])) < 1e-12


def test_the_posterior_mean_from_eps_is_the_ddpm_step() -> None:
    """mu = (x_t - beta / sqrt(1 - alpha_bar) eps) / sqrt(alpha), as the reviews write it."""
    generator = torch.Generator().manual_seed(0)
    x_t, eps = torch.randn(2, 1000, 16, dtype=torch.float64, generator=generator)
    beta, alpha_bar = (table[:, None] for table in (DDPM.betas, DDPM.alpha_bar))
    x0 = PREDICTIONS["eps"].x0(x_t, eps, alpha_bar.sqrt(), (1 - alpha_bar).sqrt())
    table = posterior(DDPM)
    mean = table.on_x0[:, None] * x0 + table.on_xt[:, None] * x_t
    written = (x_t - beta / (1 - alpha_bar).sqrt() * eps) / (1 - beta).sqrt()

    assert (mean - written).abs().max() < 1e-6
    assert table.variance[0] == 0


@pytest.mark.parametrize("schedule", [SCHEDULE, DDPM])
def test_both_forms_of_the_bound_agree(schedule: NoiseSchedule) -> None:
    timestep = torch.tensor([1, 10, 500, 999])
    alpha_bar = schedule.alpha_bar[timestep]
    of_eps = torch.tensor([3.0, 1.0, 0.5, 2.0], dtype=torch.float64)
    of_x0 = of_eps * (1 - alpha_bar) / alpha_bar  # the same estimate, said as x_0

    eps_form = middle_terms(of_eps, schedule, timestep)
    assert torch.allclose(eps_form, snr_terms(of_x0, schedule, timestep), rtol=1e-9)


def test_almost_nothing_is_left_to_tell_at_the_end() -> None:
    x0 = torch.rand(4, 3, 8, 8, generator=torch.Generator().manual_seed(1)) * 2 - 1
    assert bits_per_dimension(prior_term(x0, SCHEDULE), 3 * 8 * 8).max() < 1e-3
    assert bits_per_dimension(torch.tensor(math.log(2) * 6), 3) == pytest.approx(2)
