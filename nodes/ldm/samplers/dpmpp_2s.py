"""DPM-Solver++(2S), ancestral."""

import math

from nodes.ldm.samplers.walk import At, Moved, ancestral, towards


def dpmpp_2s_ancestral(at: At) -> Moved:
    """Step by the estimate D at the middle of lambda (Lu et al. 2022, arXiv:2211.01095, Alg. 1).

    r = 1/2, lambda = -log sigma; down to the ancestral level, as k-diffusion has it, then up by
    fresh noise; eta = 0 is the paper's. The step to sigma 0 is of first order.
    """
    denoised = at.denoise(at.x, at.sigma)
    down, up = ancestral(at.sigma, at.sigma_next, at.eta)
    if down == 0:
        return Moved(towards(at.x, denoised, at.sigma, down), denoised)
    middle = math.sqrt(at.sigma * down)
    estimate = at.denoise(towards(at.x, denoised, at.sigma, middle), middle)
    x = towards(at.x, estimate, at.sigma, down)
    return Moved(x + up * at.noise() if up > 0 else x, denoised)
