"""Walk from noise to a picture along falling noise levels.

A sampler is a generator: who iterates takes previews, progress and cancellation from it. It sees a
denoiser D(x, sigma), x in the variance-exploding frame, falling sigmas and a source of noise, and
never draws a number itself. In this frame one update is all of Euler (eta = 0), DDIM, and the
ancestral samplers DDPM and "Euler ancestral" (eta = 1); the names say which point of it is meant.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import torch
from torch import Tensor

from nodes.ldm.denoiser import Denoiser

NoiseSource = Callable[[int], Tensor]
"""Step index -> standard normal noise of the shape, type and device of x."""


@dataclass(frozen=True, eq=False)
class Step:
    """What is known after one step.

    Args:
        index: Which step this was, 0..count - 1.
        count: How many steps there are.
        x: B c h w, the picture after the step, with noise of standard deviation `sigma`.
        denoised: B c h w, the estimate of the clean picture that the step was based on.
        sigma: Noise level of `x`; 0 after the last step, when `x` is the result.
        history: What a multistep sampler remembers of earlier steps, newest first; with it and
            `x` a walk goes on exactly as if it had never stopped.
    """

    index: int
    count: int
    x: Tensor
    denoised: Tensor
    sigma: float
    history: tuple[Tensor, ...] = ()


@dataclass(frozen=True, eq=False)
class Start:
    """Where in a walk to begin.

    Args:
        index: Steps that are done already; `x` has the noise level `sigmas[index]`.
        history: As the last of them left it.
    """

    index: int = 0
    history: tuple[Tensor, ...] = ()


BEGINNING = Start()


class Sampler(Protocol):
    """(denoise, x, sigmas, noise) -> steps."""

    def __call__(
        self,
        denoise: Denoiser,
        x: Tensor,
        sigmas: Tensor,
        noise: NoiseSource,
        *,
        start: Start = BEGINNING,
    ) -> Iterator[Step]:
        """Walk along the sigmas from `start` on."""


def from_noise(noise: Tensor, sigma: float) -> Tensor:
    """Start at pure noise, x_T ~ N(0, I) as in the paper, so that x has std sqrt(sigma^2 + 1)."""
    return noise * math.sqrt(sigma**2 + 1)


def from_latent(latent: Tensor, noise: Tensor, sigma: float) -> Tensor:
    """Start at a picture with noise of level sigma laid over it, x = latent + sigma noise."""
    return latent + sigma * noise


@torch.no_grad()
def ddim(
    denoise: Denoiser,
    x: Tensor,
    sigmas: Tensor,
    noise: NoiseSource,
    eta: float = 0.0,
    *,
    start: Start = BEGINNING,
) -> Iterator[Step]:
    """Take DDIM steps (Song et al. 2021, arXiv:2010.02502, Eq. 12 and 16), written in sigma.

    Args:
        denoise: The denoiser.
        x: B c h w, at noise level sigmas[start.index].
        sigmas: S + 1 falling noise levels, usually ending in 0.
        noise: Asked once for each step that adds noise.
        eta: Share of fresh noise, in [0, 1]; 0 is deterministic and asks for none.
        start: Steps done before.

    Raises:
        ValueError: eta is outside [0, 1], or the sigmas do not fall.
    """
    _check(sigmas, eta)
    for index, sigma, sigma_next in _pairs(sigmas, start):
        denoised = denoise(x, sigma)
        sigma_up = eta * sigma_next * math.sqrt(1 - (sigma_next / sigma) ** 2)
        sigma_down = math.sqrt(sigma_next**2 - sigma_up**2)
        x = denoised + sigma_down / sigma * (x - denoised)
        if sigma_up > 0:
            x = x + sigma_up * noise(index)
        yield Step(index, len(sigmas) - 1, x, denoised, sigma_next)


def euler(
    denoise: Denoiser,
    x: Tensor,
    sigmas: Tensor,
    noise: NoiseSource,
    *,
    start: Start = BEGINNING,
) -> Iterator[Step]:
    """Take Euler steps of dx/dsigma = (x - D) / sigma (Karras et al. 2022, Alg. 1 without Heun).

    DDIM with eta = 0 is the same step: x + (sigma' - sigma) d = D + sigma' d, d = (x - D) / sigma.
    """
    return ddim(denoise, x, sigmas, noise, eta=0.0, start=start)


def ddpm(
    denoise: Denoiser,
    x: Tensor,
    sigmas: Tensor,
    noise: NoiseSource,
    *,
    start: Start = BEGINNING,
) -> Iterator[Step]:
    """Sample the posterior q(x_s | x_t, x_0 = D) at each step (Ho et al. 2020, Eq. 6 and 7).

    For any t > s, with alpha_t|s = alpha_bar_t / alpha_bar_s in place of alpha_t; the posterior's
    own variance ("fixed small"). DDIM with eta = 1 is this law.
    """
    return ddim(denoise, x, sigmas, noise, eta=1.0, start=start)


@torch.no_grad()
def dpmpp_2m(
    denoise: Denoiser,
    x: Tensor,
    sigmas: Tensor,
    noise: NoiseSource,
    *,
    start: Start = BEGINNING,
) -> Iterator[Step]:
    """Take DPM-Solver++(2M) steps (Lu et al. 2022, arXiv:2211.01095, Alg. 2), lambda = -log sigma.

    The first step of a walk and the one to sigma 0 are of first order, all others of second: they
    remember the last estimate D.
    """
    del noise  # it is deterministic
    _check(sigmas, 0.0)
    history = start.history
    for index, sigma, sigma_next in _pairs(sigmas, start):
        denoised = estimate = denoise(x, sigma)
        if history and sigma_next > 0:
            h = math.log(sigma / sigma_next)
            r = math.log(float(sigmas[index - 1]) / sigma) / h
            estimate = denoised + (denoised - history[0]) / (2 * r)
        x = estimate + sigma_next / sigma * (x - estimate)
        history = (denoised,)
        yield Step(index, len(sigmas) - 1, x, denoised, sigma_next, history)


SAMPLERS: dict[str, Sampler] = {"ddpm": ddpm, "ddim": ddim, "euler": euler, "dpmpp_2m": dpmpp_2m}
"""Samplers by name."""


def _pairs(sigmas: Tensor, start: Start) -> Iterator[tuple[int, float, float]]:
    """Index, sigma and next sigma of each step from `start` on."""
    for index, (sigma, sigma_next) in enumerate(pairwise(sigmas.tolist())):
        if index >= start.index:
            yield index, sigma, sigma_next


def _check(sigmas: Tensor, eta: float) -> None:
    if not 0 <= eta <= 1:
        raise ValueError(f"eta: got {eta}, expected a number in [0, 1]")
    if not bool((sigmas.diff() < 0).all()):
        raise ValueError(f"sigmas: got {sigmas.tolist()}, expected each below the one before it")
