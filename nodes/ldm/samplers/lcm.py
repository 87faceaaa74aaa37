"""The sampler of latent consistency models."""

from nodes.ldm.samplers.walk import At, Moved


def lcm(at: At) -> Moved:
    """Jump to D and noise it anew (Luo et al. 2023, arXiv:2310.04378, Alg. 3).

    For models distilled for it. Their boundary scalings c_skip and c_out (Sec. 4.1, timesteps
    times 10, sigma_data 0.5) are 0 and 1 to 1e-5 at every level of 50 and are left out.
    """
    denoised = at.denoise(at.x, at.sigma)
    if at.sigma_next == 0:
        return Moved(denoised, denoised)
    return Moved(denoised + at.sigma_next * at.noise(), denoised)
