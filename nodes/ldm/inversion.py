"""DDIM inversion: the deterministic ODE walked up, from a latent to the noise it comes from."""

from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import Tensor

from nodes.ldm.denoiser import Denoiser, denoiser
from nodes.ldm.guidance import Network
from nodes.ldm.samplers import Step
from nodes.ldm.samplers.walk import slope
from nodes.ldm.sampling import OVERLAP, Steering, Walk, told
from nodes.ldm.tiling import in_windows


@torch.no_grad()
def inverted(
    network: Network, latent: Tensor, steering: Steering, walk: Walk, refine: int
) -> Iterator[Step]:
    """Walk up from a clean latent to the level `walk.sigmas[walk.first]`.

    A DDIM step (eta 0) goes from sigma' down to sigma with the noise that the network sees at
    sigma'; going up, that is only known when one is there. Taken at sigma instead (Song et al.
    2021, Sec. 4.3; Dhariwal and Nichol 2021, App. F) the way back is missed by the change of it
    along one step. `refine` times the step is taken again with what is seen where it led to: its
    fixed point is the exact inverse (Pan et al. 2023, arXiv:2309.04907, Sec. 3).

    Args:
        network: The denoiser.
        latent: B c h w, without noise, on the network's device.
        steering: What it is told.
        walk: The walk down whose inverse this is; its sampler, noise and seed do not matter.
        refine: How often each step is mended.
    """
    if walk.tile:
        network = in_windows(network, walk.tile, walk.tile // OVERLAP)
    denoise = denoiser(told(network, latent, steering), walk.table, walk.prediction)
    levels = list(walk.sigmas[walk.first :])[::-1]
    lowest, x = float(walk.table.sigmas[0]), latent
    for index, (low, high) in enumerate(pairwise(levels)):
        seen = _slope(denoise, x, max(low, lowest))
        for _ in range(refine):
            seen = _slope(denoise, x + (high - low) * seen, high)
        denoised = x - low * seen
        x = x + (high - low) * seen
        yield Step(index, len(levels) - 1, x, denoised, high)


def _slope(denoise: Denoiser, x: Tensor, sigma: float) -> Tensor:
    """The noise that the network sees in x, B c h w."""
    return slope(x, denoise(x, sigma), sigma)
