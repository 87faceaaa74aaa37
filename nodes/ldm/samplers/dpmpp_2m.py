"""DPM-Solver++(2M), for the ODE and for the SDE."""

import math

from nodes.ldm.samplers.walk import At, Moved


def dpmpp_2m(at: At) -> Moved:
    """Step by D carried on along lambda = -log sigma from the step before.

    eta = 0 is DPM-Solver++(2M) (Lu et al. 2022, arXiv:2211.01095, Alg. 2); eta = 1 is its SDE
    (Eq. 13, in k-diffusion's midpoint form `sample_dpmpp_2m_sde`). The first step of a walk and
    the one to sigma 0 are of first order, all others of second: they remember the last D.
    """
    denoised = estimate = at.denoise(at.x, at.sigma)
    kept = 1.0  # exp(-eta h), what is left of the old noise beside the ODE's own share
    if at.sigma_next > 0:
        h = math.log(at.sigma / at.sigma_next)
        kept = math.exp(-at.eta * h)
        if at.history:
            r = math.log(at.sigmas[at.index - 1] / at.sigma) / h
            estimate = denoised + (denoised - at.history[0]) / (2 * r)
    x = estimate + at.sigma_next / at.sigma * kept * (at.x - estimate)
    if kept < 1:
        x = x + at.sigma_next * math.sqrt(1 - kept**2) * at.noise()
    return Moved(x, denoised, (denoised,))
