"""PLMS, the sampler that LDM and Stable Diffusion were published with."""

import torch

from nodes.ldm.samplers.walk import At, Moved, slope, towards

ADAMS_BASHFORTH = (
    (1.0,),
    (3 / 2, -1 / 2),
    (23 / 12, -16 / 12, 5 / 12),
    (55 / 24, -59 / 24, 37 / 24, -9 / 24),
)
"""Weights of the newest slope and those before it, by how many there are."""


def plms(at: At) -> Moved:
    """Step by a weighted sum of the last four slopes (Liu et al. 2022, arXiv:2202.09778, Eq. 12).

    The weights are those of equal steps, whatever the levels. The first step of a walk takes the
    mean of the slopes at both its ends instead (Eq. 13, "pseudo improved Euler"), two evaluations.
    """
    denoised = at.denoise(at.x, at.sigma)
    slopes = (slope(at.x, denoised, at.sigma), *at.history)
    if at.history or at.sigma_next == 0:
        terms = zip(ADAMS_BASHFORTH[len(slopes) - 1], slopes, strict=True)
        mean = torch.stack([weight * term for weight, term in terms]).sum(0)
    else:
        ahead = towards(at.x, denoised, at.sigma, at.sigma_next)
        there = at.denoise(ahead, at.sigma_next)
        mean = (slopes[0] + slope(ahead, there, at.sigma_next)) / 2
    return Moved(at.x + (at.sigma_next - at.sigma) * mean, denoised, slopes[:3])
