"""The forward process and the terms of the variational bound (Ho et al. 2020).

Eq. 2 and 4: q(x_t | x_{t-1}) and q(x_t | x_0). Eq. 5 to 7: the bound L = L_T + sum L_{t-1} + L_0,
whose middle terms are KL divergences of Gaussians with the posterior q(x_{t-1} | x_t, x_0).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from nodes.ldm.noise import noise
from nodes.ldm.schedule import NoiseSchedule


def one_draw(x0: Tensor, schedule: NoiseSchedule, timesteps: Sequence[int], seed: int) -> Tensor:
    """x_t of each timestep from x_0 (1 C H W) with the same noise: T' C H W (Eq. 4)."""
    eps = noise(seed, x0.shape).to(x0)
    found = [schedule.q_sample(x0, torch.tensor([t]), eps) for t in timesteps]
    return torch.cat(found)


def step_by_step(
    x0: Tensor, schedule: NoiseSchedule, timesteps: Sequence[int], seed: int
) -> Tensor:
    """x_t of each timestep through all steps before it, with fresh noise in each (Eq. 2)."""
    wanted, seen, x = set(timesteps), {}, x0
    for t in range(max(timesteps) + 1):
        beta = schedule.betas[t].to(x0)
        x = (1 - beta).sqrt() * x + beta.sqrt() * noise(seed, x0.shape, 1 + t).to(x0)
        if t in wanted:
            seen[t] = x
    return torch.cat([seen[t] for t in timesteps])


FORWARD: Mapping[str, Callable[[Tensor, NoiseSchedule, Sequence[int], int], Tensor]] = {
    "one draw": one_draw,
    "step by step": step_by_step,
}


class Posterior(NamedTuple):
    """q(x_{t-1} | x_t, x_0) = N(on_x0 x_0 + on_xt x_t, variance), for every t (Eq. 7)."""

    on_x0: Tensor
    on_xt: Tensor
    variance: Tensor


def posterior(schedule: NoiseSchedule) -> Posterior:
    """The posterior's coefficients, T each, float64; at t = 0 its variance is 0."""
    beta, after = schedule.betas, schedule.alpha_bar
    before = torch.cat([after.new_ones(1), after[:-1]])
    return Posterior(
        before.sqrt() * beta / (1 - after),
        (1 - beta).sqrt() * (1 - before) / (1 - after),
        beta * (1 - before) / (1 - after),
    )


def prior_term(x0: Tensor, schedule: NoiseSchedule) -> Tensor:
    """L_T = KL(q(x_T | x_0) || N(0, I)) of each picture, in nats summed over its values: B."""
    last = schedule.alpha_bar[-1]
    mean, variance = last.sqrt() * x0.double(), 1 - last
    return 0.5 * (mean**2 + variance - 1 - variance.log()).flatten(1).sum(1)


def middle_terms(error: Tensor, schedule: NoiseSchedule, timestep: Tensor) -> Tensor:
    """L_{t-1} of each picture, t > 0, from the squared error of eps summed over its values: B.

    With the posterior's own variance: beta^2 / (2 sigma^2 alpha (1 - alpha_bar)) ||eps - eps'||^2
    (Eq. 12).
    """
    beta = schedule.betas[timestep]
    variance = posterior(schedule).variance[timestep]
    weight = beta**2 / (2 * variance * (1 - beta) * (1 - schedule.alpha_bar[timestep]))
    return weight * error.double()


def snr_terms(error: Tensor, schedule: NoiseSchedule, timestep: Tensor) -> Tensor:
    """The same from the squared error of x_0: half the drop of the SNR (Rombach et al., App. B)."""
    snr = schedule.alpha_bar / (1 - schedule.alpha_bar)
    return 0.5 * (snr[timestep - 1] - snr[timestep]) * error.double()


def bits_per_dimension(nats: Tensor, dimensions: int) -> Tensor:
    """Nats of a whole picture as bits for each of its values."""
    return nats / (dimensions * math.log(2))
