from importlib import import_module
from typing import Any

import pytest

from nodes.ldm.denoiser import denoiser
from nodes.ldm.samplers import SAMPLERS
from tests.nodes.ldm.samplers.toys import SCHEDULE, largest_error, silent, start, toy_eps
from tests.nodes.ldm.samplers.twins import BETAS


@pytest.mark.parametrize(
    "settings",
    [
        {"timestep_spacing": "linspace"},
        {"timestep_spacing": "trailing"},
        {"timestep_spacing": "linspace", "use_karras_sigmas": True},
    ],
)
@pytest.mark.parametrize("steps", [10, 28])
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_dpmpp_2m_walks_with_the_reference(settings: dict[str, Any], steps: int) -> None:
    scheduler = import_module("diffusers").DPMSolverMultistepScheduler(
        **BETAS, **settings, algorithm_type="dpmsolver++", solver_order=2, final_sigmas_type="zero"
    )
    scheduler.set_timesteps(steps)
    sigmas = scheduler.sigmas.double()  # theirs: the spacings of this class round otherwise
    x, theirs = start(), []
    for sigma, t in zip(sigmas[:-1].tolist(), scheduler.timesteps, strict=True):
        frame = x * (sigma**2 + 1) ** 0.5
        denoised = denoiser(toy_eps, SCHEDULE)(frame, sigma)
        eps = (frame - denoised) / sigma
        x = scheduler.step(eps, t, x).prev_sample
        theirs.append(x)

    begin = start() * (float(sigmas[0]) ** 2 + 1) ** 0.5
    walk = SAMPLERS["dpmpp_2m"](denoiser(toy_eps, SCHEDULE), begin, sigmas, silent)
    ours = [step.x / (step.sigma**2 + 1) ** 0.5 for step in walk]

    assert largest_error(ours, theirs) < 1e-5  # their sigmas are float32
