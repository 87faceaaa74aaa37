"""The reverse process as one call: conditions, guidance, start, sampler, all by their names.

UNetDenoise and the measurements go through here, so what is measured is what people get.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from nodes.ldm.denoiser import Predict, denoiser
from nodes.ldm.guidance import Condition, Network, guided
from nodes.ldm.noise import noise, step_noise
from nodes.ldm.samplers import SAMPLERS, Step, ddim, from_latent, from_noise
from nodes.ldm.schedule import NoiseSchedule


@dataclass(frozen=True)
class Steering:
    """What a denoiser is told.

    Attributes:
        cond: tau_theta(y), 1 or B rows of T D.
        uncond: What guidance points away from, 1 or B rows; unused when guidance is 1.
        concat: Channels beside the latent, 1 or B rows of c' h w; None without concat conditioning.
        guidance: Scale w of classifier-free guidance.
    """

    cond: Tensor
    uncond: Tensor | None = None
    concat: Tensor | None = None
    guidance: float = 1.0


@dataclass(frozen=True)
class Walk:
    """How noise becomes a latent.

    Attributes:
        table: Betas the network was trained with.
        prediction: What the network predicts: eps, v or x0.
        sigmas: Levels to visit, falling to 0; at least two.
        from_noise: Start at pure noise instead of at the noised latent.
        sampler: A name in `SAMPLERS`.
        eta: Share of fresh noise in ddim's steps.
        seed: Seed of image 0's noise; image k has seed + k.
    """

    table: NoiseSchedule
    prediction: str
    sigmas: tuple[float, ...]
    from_noise: bool = True
    sampler: str = "ddim"
    eta: float = 0.0
    seed: int = 0


def sample(network: Network, latent: Tensor, steering: Steering, walk: Walk) -> Iterator[Step]:
    """Denoise `latent`, B c h w on the network's device; the last step's `x` is the result."""
    predict = _steered(network, latent, steering)
    eps = noise(walk.seed, latent.shape).to(latent)
    start = walk.sigmas[0]
    x = from_noise(eps, start) if walk.from_noise else from_latent(latent, eps, start)
    sampler = partial(ddim, eta=walk.eta) if walk.sampler == "ddim" else SAMPLERS[walk.sampler]
    return sampler(
        denoiser(predict, walk.table, walk.prediction),
        x,
        torch.tensor(walk.sigmas, dtype=torch.float64),
        step_noise(walk.seed, x),
    )


def _steered(network: Network, latent: Tensor, steering: Steering) -> Predict:
    def rows(tensor: Tensor) -> Tensor:  # one for each picture of the batch
        return tensor.to(latent).expand(len(latent), *tensor.shape[1:])

    cond = Condition(rows(steering.cond))
    uncond = cond if steering.uncond is None else Condition(rows(steering.uncond))
    concat = None if steering.concat is None else rows(steering.concat)
    return guided(network, cond, uncond, steering.guidance, concat)
