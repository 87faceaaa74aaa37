"""The variational bound on the likelihood, term by term (Ho et al. 2020, Eq. 5).

-log p(z_0) <= L_T + sum of L_{t-1} + L_0, here in the space of latents: z is continuous, so p is a
density and bits/dim is its negative logarithm for each latent number, which may be below 0 and is
no figure about pixels. The reverse variances are those of the posterior ("fixed small"), with which

    L_{t-1} = (SNR(t-1) - SNR(t)) / 2 * || z_0 - z_theta(z_t, t) ||^2

(Kingma et al. 2021, Eq. 13; the same as Ho et al., Eq. 8 and 12), and that of L_0 is beta at the
first timestep, where the posterior's is 0. Timesteps count from 0 here, as everywhere in this code.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from nodes.ldm.schedule import PREDICTIONS, NoiseSchedule

Predict = Callable[[Tensor, Tensor, slice], Tensor]
"""z_t B c h w, timesteps B, which examples: eps, v or z_0, B c h w."""


@dataclass(frozen=True)
class Part:
    """Some neighbouring terms of the bound, in nats for each latent number, mean over examples.

    Attributes:
        index: Which part, 0 first.
        first: Their first timestep.
        last: Their last timestep.
        nats: Their sum.
        error: Mean of (eps - eps_theta)^2 over their timesteps, as they were drawn.
    """

    index: int
    first: int
    last: int
    nats: float
    error: float


@dataclass(frozen=True)
class Bound:
    """All terms, in nats for each latent number.

    Attributes:
        prior: L_T.
        parts: L_{t-1}, from low timesteps to high ones.
        decoder: L_0.
    """

    prior: float
    parts: tuple[Part, ...]
    decoder: float

    @property
    def nats(self) -> float:
        """The whole bound."""
        return self.prior + self.decoder + sum(part.nats for part in self.parts)


def prior_term(z: Tensor, schedule: NoiseSchedule) -> float:
    """L_T = KL(q(z_T | z_0) || N(0, I)), nats for each number."""
    alpha_bar = float(schedule.alpha_bar[-1])
    mean = alpha_bar * z.double().square().mean()
    return float(0.5 * (mean + (1 - alpha_bar) - 1 - math.log(1 - alpha_bar)))


def weights_of(schedule: NoiseSchedule) -> Tensor:
    """What || z_0 - z_theta ||^2 counts in L_{t-1}, T - 1 numbers for timesteps 1 to T - 1."""
    snr = schedule.alpha_bar / (1 - schedule.alpha_bar)
    return (snr[:-1] - snr[1:]) / 2


def strata(schedule: NoiseSchedule, count: int) -> list[tuple[int, int]]:
    """First and last timestep of each of `count` runs of neighbouring ones, 1 to T - 1."""
    last = schedule.timesteps - 1
    edges = [round(last * k / count) for k in range(count + 1)]
    return [(a + 1, b) for a, b in pairwise(edges)]


@torch.no_grad()
def bound(
    predict: Predict,
    prediction: str,
    z: Tensor,
    schedule: NoiseSchedule,
    count: int,
    seed: int,
    batch: int = 32,
) -> Iterator[Part | Bound]:
    """Yield the parts of the bound as they are done, and at last the whole.

    From each part every example draws one timestep, as often as its weight in the sum says: the sum
    is right on average however few parts there are, and with T - 1 parts no timestep is left out.

    Args:
        predict: The denoiser with what it is told.
        prediction: What it predicts: eps, v or x0.
        z: Scaled latents, N c h w.
        schedule: Betas it was trained with.
        count: Parts, 1 to T - 1.
        seed: Seed of timesteps and noise.
        batch: Latents at one time.
    """
    generator, weights = torch.Generator().manual_seed(seed), weights_of(schedule)
    parts = []
    for index, (first, last) in enumerate(strata(schedule, count)):
        own = weights[first - 1 : last]
        picks = torch.multinomial(own, len(z), replacement=True, generator=generator) + first
        squared, error = _errors(predict, prediction, z, schedule, picks, generator, batch)
        parts.append(Part(index, first, last, float(own.sum()) * squared, error))
        yield parts[-1]
    beta = float(schedule.betas[0])
    picks = torch.zeros(len(z), dtype=torch.int64)
    squared, _ = _errors(predict, prediction, z, schedule, picks, generator, batch)
    decoder = 0.5 * math.log(2 * math.pi * beta) + squared / (2 * beta)
    yield Bound(prior_term(z, schedule), tuple(parts), decoder)


def _errors(
    predict: Predict,
    prediction: str,
    z: Tensor,
    schedule: NoiseSchedule,
    timestep: Tensor,
    generator: torch.Generator,
    batch: int,
) -> tuple[float, float]:
    """Means over all numbers of (z_0 - z_theta)^2 and of (eps - eps_theta)^2."""
    squared = noise = 0.0
    for start in range(0, len(z), batch):
        rows = slice(start, min(start + batch, len(z)))
        z_0, t = z[rows].double(), timestep[rows]
        eps = torch.randn(z_0.shape, generator=generator, dtype=torch.float64)
        signal, spread = schedule.signal_and_noise(t, z_0)
        z_t = signal * z_0 + spread * eps
        said = predict(z_t.float(), t, rows).double()
        guess = PREDICTIONS[prediction].x0(z_t, said, signal, spread)
        wrong = (z_0 - guess).square()
        squared += float(wrong.sum())
        noise += float((wrong * (signal / spread) ** 2).sum())
    return squared / z.numel(), noise / z.numel()
