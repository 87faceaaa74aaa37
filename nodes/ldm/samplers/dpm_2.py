"""DPM-Solver-2 on the slope, as k-diffusion's "DPM2", plain and ancestral."""

import math

from nodes.ldm.samplers.walk import At, Moved, ancestral, slope, towards


def dpm_2(at: At) -> Moved:
    """Step by the slope at the geometric middle (Lu et al. 2022, arXiv:2206.00927, Alg. 1).

    With eta > 0 the step goes down to the ancestral level and fresh noise brings it up again. The
    step to sigma 0 is Euler's.
    """
    denoised = at.denoise(at.x, at.sigma)
    down, up = ancestral(at.sigma, at.sigma_next, at.eta)
    if down == 0:
        return Moved(towards(at.x, denoised, at.sigma, down), denoised)
    middle = math.sqrt(at.sigma * down)
    halfway = towards(at.x, denoised, at.sigma, middle)
    x = at.x + (down - at.sigma) * slope(halfway, at.denoise(halfway, middle), middle)
    return Moved(x + up * at.noise() if up > 0 else x, denoised)
