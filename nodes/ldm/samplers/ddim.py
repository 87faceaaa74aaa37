"""DDIM, and with it DDPM, Euler and Euler ancestral: one law, four points of it."""

from nodes.ldm.samplers.walk import At, Moved, ancestral, towards


def ddim(at: At) -> Moved:
    """Step as DDIM (Song et al. 2021, arXiv:2010.02502, Eq. 12 and 16), written in sigma.

    eta = 0 is the Euler step of dx/dsigma = (x - D) / sigma (Karras et al. 2022, Alg. 1 without
    Heun). eta = 1 draws from the posterior q(x_s | x_t, x_0 = D) of any s < t (Ho et al. 2020,
    Eq. 6 and 7, alpha_bar_t / alpha_bar_s in place of alpha_t; its own variance, "fixed small"):
    respaced DDPM, which k-diffusion calls Euler ancestral.
    """
    denoised = at.denoise(at.x, at.sigma)
    down, up = ancestral(at.sigma, at.sigma_next, at.eta)
    x = towards(at.x, denoised, at.sigma, down)
    return Moved(x + up * at.noise() if up > 0 else x, denoised)
