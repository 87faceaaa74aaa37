"""The variational bound against closed forms: of Gaussian data the best denoiser is known."""

import math

import pytest
import torch
from torch import Tensor

from nodes.ldm.schedule import NoiseSchedule
from nodes.measuring.likelihood import Bound, bound, prior_term, strata, weights_of

TABLE = NoiseSchedule()
ALPHA_BAR = TABLE.alpha_bar


def gaussian(deviation: float, count: int = 512) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return deviation * torch.randn(count, 2, 4, 4, generator=generator)


def best(deviation: float, z_t: Tensor, timestep: Tensor) -> Tensor:
    """E[eps | z_t] for data of N(0, deviation^2)."""
    alpha_bar = ALPHA_BAR[timestep].reshape(-1, 1, 1, 1).to(z_t)
    return (1 - alpha_bar).sqrt() / (1 + (deviation**2 - 1) * alpha_bar) * z_t


def measured(deviation: float, count: int, worse: float = 0.0) -> Bound:
    z = gaussian(deviation)

    def predict(z_t: Tensor, timestep: Tensor, rows: slice) -> Tensor:
        return best(deviation, z_t, timestep) + worse

    *_, whole = bound(predict, "eps", z, TABLE, count, seed=1, batch=256)
    assert isinstance(whole, Bound)
    return whole


def closed(deviation: float) -> float:
    """The whole bound, nats for each number, from E (z_0 - E[z_0 | z_t])^2 in closed form."""
    variance = deviation**2 * (1 - ALPHA_BAR) / (1 + (deviation**2 - 1) * ALPHA_BAR)
    beta, last = float(TABLE.betas[0]), float(ALPHA_BAR[-1])
    decoder = 0.5 * math.log(2 * math.pi * beta) + float(variance[0]) / (2 * beta)
    prior = 0.5 * (last * deviation**2 - last - math.log(1 - last))
    return prior + float((weights_of(TABLE) * variance[1:]).sum()) + decoder


@pytest.mark.parametrize("deviation", [0.5, 1.0, 2.0])
def test_the_bound_of_the_best_denoiser_is_the_one_in_closed_form(deviation: float) -> None:
    """It lies above the entropy of the data, by what 1000 steps lose to infinitely many."""
    entropy = 0.5 * math.log(2 * math.pi * math.e * deviation**2)

    assert measured(deviation, 200).nats == pytest.approx(closed(deviation), abs=0.05)
    assert entropy < closed(deviation) < entropy + 0.31


def test_every_term_is_the_one_in_closed_form() -> None:
    """E (z_0 - E[z_0 | z_t])^2 = s^2 (1 - alpha_bar) / (1 + (s^2 - 1) alpha_bar)."""
    deviation, found = 0.5, measured(0.5, 999)
    variance = deviation**2 * (1 - ALPHA_BAR) / (1 + (deviation**2 - 1) * ALPHA_BAR)
    expected = (weights_of(TABLE) * variance[1:]).tolist()

    for part, nats in zip(found.parts, expected, strict=True):
        assert part.first == part.last == 1 + part.index
        assert part.nats == pytest.approx(nats, rel=0.08)
    beta = float(TABLE.betas[0])
    decoder = 0.5 * math.log(2 * math.pi * beta) + float(variance[0]) / (2 * beta)
    assert found.decoder == pytest.approx(decoder, rel=0.02)


def test_the_weights_are_those_of_the_posterior_in_the_eps_form() -> None:
    """Ho et al. 2020, Eq. 12, with the posterior's variance for sigma^2."""
    beta, before, after = TABLE.betas[1:], ALPHA_BAR[:-1], ALPHA_BAR[1:]
    posterior = beta * (1 - before) / (1 - after)
    of_eps = beta**2 / (2 * posterior * (1 - beta) * (1 - after))

    assert torch.allclose(weights_of(TABLE) * (1 - after) / after, of_eps, rtol=1e-9)


def test_a_term_is_the_divergence_between_the_two_posteriors() -> None:
    """KL of N(mu, s^2) from N(mu', s^2), with Ho et al. 2020, Eq. 7 for the mean."""
    t, z_0, guess = 300, 0.7, 0.2
    beta, before, after = TABLE.betas[t], ALPHA_BAR[t - 1], ALPHA_BAR[t]
    of_z_0 = before.sqrt() * beta / (1 - after)
    variance = beta * (1 - before) / (1 - after)
    divergence = (of_z_0 * (z_0 - guess)) ** 2 / (2 * variance)

    assert float(weights_of(TABLE)[t - 1] * (z_0 - guess) ** 2) == pytest.approx(float(divergence))


def test_few_parts_sum_to_what_all_timesteps_do() -> None:
    assert measured(0.5, 50).nats == pytest.approx(closed(0.5), abs=0.15)


def test_a_worse_denoiser_has_a_larger_bound() -> None:
    assert measured(1.0, 50, worse=0.2).nats > measured(1.0, 50).nats + 0.1


def test_latents_of_unit_spread_leave_nothing_to_the_prior() -> None:
    """L_T below a thousandth of a bit, as the schedule of the paper was made for."""
    assert 0 <= prior_term(gaussian(1.0), TABLE) / math.log(2) < 1e-3


@pytest.mark.parametrize("count", [1, 7, 100, 999])
def test_the_parts_divide_all_timesteps_but_the_first(count: int) -> None:
    runs = strata(TABLE, count)

    assert len(runs) == count
    assert [t for first, last in runs for t in range(first, last + 1)] == list(range(1, 1000))
