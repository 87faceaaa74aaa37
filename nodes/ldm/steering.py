"""Steer a finished denoiser by the gradient of a likelihood  (Rombach et al. 2022, App. C).

Dhariwal and Nichol 2021 (arXiv:2105.05233, Eq. 14) and the paper (Eq. 14 to 16) write it as

    eps' = eps - sqrt(1 - alpha_bar) s grad_{z_t} log p(y | z_t).

The frame of the samplers is x = z_t / sqrt(alpha_bar), and there it is one line for networks that
predict eps, v and x0 alike: D'(x, sigma) = D(x, sigma) + sigma^2 s grad_x log p(y | x).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, Self

import torch
from torch import Tensor
from torch.nn import functional as F

from nodes.ldm.denoiser import Denoiser
from nodes.ldm.pictures import seen_as
from nodes.ldm.schedule import NoiseSchedule


@dataclass(frozen=True, eq=False)
class Moment:
    """Where a walk is.

    Attributes:
        z_t: Noisy latents of unit variance, B c h w.
        timestep: B.
        sigma: Noise level in the variance-exploding frame.
        estimate: The denoiser's clean latent, B c h w; `z_t` where nothing looks at it.
    """

    z_t: Tensor
    timestep: Tensor
    sigma: float
    estimate: Tensor


TOGETHER = 300.0
"""Variance of a latent along the direction in which it varies most; about that of the scenes'."""


class Likelihood(Protocol):
    """Something that says how well a noisy latent fits what is wanted."""

    @property
    def through(self) -> bool:
        """Whether it looks at the estimate of the clean latent, so gradients pass the denoiser."""

    def log(self, now: Moment) -> Tensor:
        """Scale times log p(y | z_t), up to a constant: B, differentiable."""

    def rows(self, which: slice) -> Self:
        """The same for a part of the batch."""


@dataclass(frozen=True, eq=False)
class ClassLikelihood:
    """log p(y | z_t) of a classifier of noisy latents.

    Attributes:
        network: (z_t, timestep) to logits B K.
        classes: Indices, 1 or B.
        scale: s; above 1 it sharpens the classifier (Dhariwal and Nichol 2021, Sec. 4.3).
    """

    network: Callable[[Tensor, Tensor], Tensor]
    classes: Tensor
    scale: float
    through = False

    def log(self, now: Moment) -> Tensor:
        """As `Likelihood`."""
        scores = F.log_softmax(self.network(now.z_t, now.timestep), dim=1)
        wanted = self.classes.to(scores.device).expand(len(scores))[:, None]
        return self.scale * scores.gather(1, wanted)[:, 0]

    def rows(self, which: slice) -> Self:
        """As `Likelihood`."""
        return replace(self, classes=_rows(self.classes, which))


@dataclass(frozen=True, eq=False)
class PictureLikelihood:
    """-1/2 || T(y) - T(D(z_0(z_t))) ||^2: pictures that look like a given one (App. C, Eq. 16).

    Attributes:
        decode: Scaled latents B c h w to pictures B 3 H W, about [-1, 1].
        picture: What the result shall look like, 1 or B of 3 H W in [-1, 1].
        shrink: T takes the mean of squares of so many pixels a side; 1 leaves the picture ...
        grey: ... and takes its colours away.
        scale: Inverse of the variance.
    """

    decode: Callable[[Tensor], Tensor]
    picture: Tensor
    shrink: int
    grey: bool
    scale: float
    through = True

    def log(self, now: Moment) -> Tensor:
        """As `Likelihood`."""
        look = seen_as(self.decode(now.estimate).float(), self.shrink, self.grey)
        wanted = seen_as(self.picture.to(look), self.shrink, self.grey)
        height, width = now.estimate.shape[-2:]
        apart = (wanted - look).square().sum(1).mean(dim=(1, 2)) * height * width
        return -self.scale / 2 * apart / estimate_variance(now.sigma)

    def rows(self, which: slice) -> Self:
        """As `Likelihood`."""
        return replace(self, picture=_rows(self.picture, which))


def estimate_variance(sigma: float) -> float:
    """How far the clean latent may lie from its estimate, squared, along what varies most.

    Song et al. 2023 (Pseudoinverse-guided diffusion, Sec. 3.2) have sigma^2 / (sigma^2 + 1), for
    numbers of unit variance that vary alone. The numbers of a latent vary together: hundreds of
    them are all one background. A variance without this bound, as the paper's 1, is too small at
    first, where the walk overshoots, and too large at the end.
    """
    return sigma**2 * TOGETHER / (sigma**2 + TOGETHER)


def _rows(target: Tensor, which: slice) -> Tensor:
    """A part of what is wanted of each picture; one thing wanted of all stays so."""
    return target if len(target) == 1 else target[which]


def steered(
    denoise: Denoiser, likelihoods: Sequence[Likelihood], schedule: NoiseSchedule
) -> Denoiser:
    """Bind a denoiser to what shall become likely; several likelihoods are multiplied.

    Args:
        denoise: D(x, sigma), x in the variance-exploding frame.
        likelihoods: At least one.
        schedule: The noise levels that the networks were trained on.
    """
    through = any(likelihood.through for likelihood in likelihoods)

    def steer(x: Tensor, sigma: float) -> Tensor:
        level = torch.tensor(sigma, dtype=torch.float64)
        timestep = torch.full((len(x),), float(schedule.timestep_of(level)), device=x.device)
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            z_t = x / (level**2 + 1).sqrt()
            estimate = denoise(x, sigma) if through else z_t
            now = Moment(z_t, timestep, sigma, estimate)
            fits = [part.log(now).sum() for part in likelihoods]
            (gradient,) = torch.autograd.grad(torch.stack(fits).sum(), x)
        clean = estimate.detach() if through else denoise(x.detach(), sigma)
        return clean + sigma**2 * gradient

    return steer
