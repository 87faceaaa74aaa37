"""Linear multistep: Adams-Bashforth for the levels as they really lie."""

import math
from collections.abc import Sequence

import torch

from nodes.ldm.samplers.walk import At, Moved, slope


def lms(at: At) -> Moved:
    """Step along the cubic through the last four slopes over sigma (k-diffusion's `sample_lms`).

    Adams-Bashforth with unequal steps (Hairer, Norsett and Wanner 1993, Sec. III.5).
    """
    denoised = at.denoise(at.x, at.sigma)
    slopes = (slope(at.x, denoised, at.sigma), *at.history)
    levels = [at.sigmas[at.index - back] for back in range(len(slopes))]
    terms = [_weight(levels, n, at.sigma_next) * term for n, term in enumerate(slopes)]
    return Moved(at.x + torch.stack(terms).sum(0), denoised, slopes[:3])


def _weight(levels: Sequence[float], n: int, end: float) -> float:
    """The integral, from levels[0] to `end`, of the cubic that is 1 at level n, 0 at the others.

    By Gauss's two points, which are exact up to the third degree.
    """
    half, middle = (end - levels[0]) / 2, (end + levels[0]) / 2
    others = [level for level in levels if level != levels[n]]
    points = (middle - half / math.sqrt(3), middle + half / math.sqrt(3))
    return half * sum(
        math.prod((point - other) / (levels[n] - other) for other in others) for point in points
    )
