"""Heun's method, the sampler of Karras et al."""

from nodes.ldm.samplers.walk import At, Moved, slope, towards


def heun(at: At) -> Moved:
    """Step by the mean of the slopes at both ends (Karras et al. 2022, Alg. 1, no churn).

    Second order for two evaluations; the step to sigma 0, where there is no slope, is Euler's.
    """
    denoised = at.denoise(at.x, at.sigma)
    x = towards(at.x, denoised, at.sigma, at.sigma_next)
    if at.sigma_next > 0:
        there = slope(x, at.denoise(x, at.sigma_next), at.sigma_next)
        mean = (slope(at.x, denoised, at.sigma) + there) / 2
        x = at.x + (at.sigma_next - at.sigma) * mean
    return Moved(x, denoised)
