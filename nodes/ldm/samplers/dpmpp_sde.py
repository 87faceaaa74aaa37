"""DPM-Solver++ for the SDE, single step, as k-diffusion's "DPM++ SDE"."""

import math

from torch import Tensor

from nodes.ldm.samplers.walk import At, Moved, ancestral, towards


def dpmpp_sde(at: At) -> Moved:
    """Step by the estimate D at the middle of lambda, fresh noise on both ways.

    Lu et al. 2022 (arXiv:2211.01095, Sec. 5) with r = 1/2 and the ancestral split of k-diffusion's
    `sample_dpmpp_sde`. The way to the middle and the whole way share one Brownian path, so the
    noise of the whole holds that of its first half. The step to sigma 0 is of first order.
    """
    denoised = at.denoise(at.x, at.sigma)
    if at.sigma_next == 0:
        return Moved(denoised, denoised)
    middle = math.sqrt(at.sigma * at.sigma_next)
    down, up = ancestral(at.sigma, middle, at.eta)
    halfway = towards(at.x, denoised, at.sigma, down)
    estimate = at.denoise(halfway + up * at.noise() if up > 0 else halfway, middle)
    down, up = ancestral(at.sigma, at.sigma_next, at.eta)
    x = towards(at.x, estimate, at.sigma, down)
    return Moved(x + up * _whole(at, middle) if up > 0 else x, denoised)


def _whole(at: At, middle: float) -> Tensor:
    """The path's increment over the whole step from those of its two parts, of variance 1."""
    share = (at.sigma - middle) / (at.sigma - at.sigma_next)
    return math.sqrt(share) * at.noise(0) + math.sqrt(1 - share) * at.noise(1)
