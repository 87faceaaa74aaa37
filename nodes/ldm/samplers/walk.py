"""What every sampler shares: the walk along falling noise levels, and one step of it.

A sampler is an `Update`, the arithmetic of one step, set walking by `Sampler`. The walk is a
generator: who iterates takes previews, progress and cancellation from it. It sees a denoiser
D(x, sigma), x in the variance-exploding frame, falling sigmas and a source of noise, and never
draws a number itself.

An update may look at the sigmas behind it and at the next one, further only as far as
`SamplerFacts.ahead` says: walks that begin alike share what they have computed.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from nodes.ldm.denoiser import Denoiser
from nodes.ldm.noise import StepNoise
from nodes.ldm.sampler_facts import SamplerFacts


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


@dataclass(frozen=True, eq=False)
class At:
    """One step to take.

    Attributes:
        index: Which step this is.
        sigmas: All levels of the walk.
        x: B c h w, at the level `sigma`.
        history: As the step before left it; empty in the first.
        denoise: The denoiser.
        source: Where noise comes from.
        eta: Share of fresh noise, in [0, 1].
    """

    index: int
    sigmas: tuple[float, ...]
    x: Tensor
    history: tuple[Tensor, ...]
    denoise: Denoiser
    source: StepNoise
    eta: float

    @property
    def sigma(self) -> float:
        """Noise level before the step."""
        return self.sigmas[self.index]

    @property
    def sigma_next(self) -> float:
        """Noise level after the step."""
        return self.sigmas[self.index + 1]

    def noise(self, draw: int = 0) -> Tensor:
        """This step's fresh noise."""
        return self.source(self.index, draw)


class Moved(NamedTuple):
    """What a step leads to: see `Step`."""

    x: Tensor
    denoised: Tensor
    history: tuple[Tensor, ...] = ()


Update = Callable[[At], Moved]


@dataclass(frozen=True)
class Sampler:
    """An update set walking.

    Args:
        update: One step.
        facts: What is known of it.
    """

    update: Update
    facts: SamplerFacts

    @torch.no_grad()
    def __call__(
        self,
        denoise: Denoiser,
        x: Tensor,
        sigmas: Tensor,
        noise: StepNoise,
        *,
        eta: float | None = None,
        start: Start = BEGINNING,
    ) -> Iterator[Step]:
        """Walk along the sigmas from `start` on.

        Args:
            denoise: The denoiser.
            x: B c h w, at noise level sigmas[start.index].
            sigmas: S + 1 falling noise levels, usually ending in 0.
            noise: Asked by steps that add noise.
            eta: Share of fresh noise, in [0, 1]; None is the sampler's own, and a sampler that
                reads none ignores it.
            start: Steps done before.

        Raises:
            ValueError: eta is outside [0, 1], or the sigmas do not fall.
        """
        share = self.facts.eta if eta is None or not self.facts.reads_eta else eta
        _check(sigmas, share)
        levels, history = tuple(sigmas.tolist()), start.history
        for index in range(start.index, len(levels) - 1):
            at = At(index, levels, x, history, denoise, noise, share)
            x, denoised, history = self.update(at)
            yield Step(index, len(levels) - 1, x, denoised, at.sigma_next, history)


def from_noise(noise: Tensor, sigma: float) -> Tensor:
    """Start at pure noise, x_T ~ N(0, I) as in the paper, so that x has std sqrt(sigma^2 + 1)."""
    return noise * math.sqrt(sigma**2 + 1)


def from_latent(latent: Tensor, noise: Tensor, sigma: float) -> Tensor:
    """Start at a picture with noise of level sigma laid over it, x = latent + sigma noise."""
    return latent + sigma * noise


def towards(x: Tensor, denoised: Tensor, sigma: float, sigma_next: float) -> Tensor:
    """Keep the noise of x and take it down from sigma to sigma_next: D + (sigma' / sigma) (x - D).

    One form of Euler's step x + (sigma' - sigma) d, of DDIM's (Song et al. 2021, Eq. 12, eta = 0)
    and of the first-order exponential integrator of DPM-Solver++ (Lu et al. 2022, Eq. 8); at
    sigma' = 0 it is D to the last bit.
    """
    return denoised + sigma_next / sigma * (x - denoised)


def slope(x: Tensor, denoised: Tensor, sigma: float) -> Tensor:
    """dx/dsigma = (x - D) / sigma, which is the noise in x (Karras et al. 2022, Eq. 3)."""
    return (x - denoised) / sigma


def ancestral(sigma: float, sigma_next: float, eta: float) -> tuple[float, float]:
    """Split sigma' into what is left of the old noise and what is drawn afresh: (down, up).

    Their squares sum to sigma'^2 (Song et al. 2021, Eq. 16, in the variance-exploding frame).
    """
    up = eta * sigma_next * math.sqrt(1 - (sigma_next / sigma) ** 2)
    return math.sqrt(sigma_next**2 - up**2), up


def _check(sigmas: Tensor, eta: float) -> None:
    if not 0 <= eta <= 1:
        raise ValueError(f"eta: got {eta}, expected a number in [0, 1]")
    if not bool((sigmas.diff() < 0).all()):
        raise ValueError(f"sigmas: got {sigmas.tolist()}, expected each below the one before it")
