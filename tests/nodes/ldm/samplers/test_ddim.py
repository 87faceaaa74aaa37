from collections.abc import Callable
from importlib import import_module
from itertools import pairwise
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor

from nodes.ldm.denoiser import denoiser
from nodes.ldm.noise import StepNoise
from nodes.ldm.samplers import SAMPLERS, Sampler, from_noise
from nodes.ldm.spacings import SPACINGS, leading
from tests.nodes.ldm.samplers.toys import (
    SCHEDULE,
    largest_error,
    silent,
    start,
    toy_eps,
)
from tests.nodes.ldm.samplers.twins import BETAS

ddim, ddpm, euler = SAMPLERS["ddim"], SAMPLERS["ddpm"], SAMPLERS["euler"]


@pytest.fixture(scope="module")
def diffusers() -> ModuleType:
    return import_module("diffusers")


def drawing(seed: int) -> Callable[..., Tensor]:
    """Return a noise source that draws in order from one generator, as the reference does."""
    random = torch.Generator().manual_seed(seed)
    return lambda index, draw=0: torch.randn(2, 3, 4, 5, dtype=torch.float64, generator=random)


def paper_frame(
    sampler: Sampler, sigmas: Tensor, noise: StepNoise, eta: float | None = None
) -> list[Tensor]:
    """Walk from x_T = start() and return every x_t as the paper scales it."""
    x = from_noise(start(), float(sigmas[0]))
    steps = sampler(denoiser(toy_eps, SCHEDULE), x, sigmas, noise, eta=eta)
    return [step.x / (step.sigma**2 + 1) ** 0.5 for step in steps]


@pytest.mark.parametrize(("steps", "offset"), [(1000, 0), (50, 1), (27, 1), (1, 1)])
def test_ddpm_walks_with_the_reference(diffusers: ModuleType, steps: int, offset: int) -> None:
    scheduler = diffusers.DDPMScheduler(
        **BETAS, timestep_spacing="leading", steps_offset=offset, clip_sample=False
    )
    scheduler.alphas_cumprod = SCHEDULE.alpha_bar  # theirs is float32
    scheduler.set_timesteps(steps)
    random, x, theirs = torch.Generator().manual_seed(5), start(), []
    for t in scheduler.timesteps:
        x = scheduler.step(toy_eps(x, t.expand(2)), t, x, generator=random).prev_sample
        theirs.append(x)

    ours = paper_frame(ddpm, leading(SCHEDULE, steps), drawing(5))

    assert largest_error(ours, theirs) < 1e-8


@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("ends_at_zero", [True, False])
@pytest.mark.parametrize("steps", [20, 37])
def test_ddim_walks_with_the_reference(
    diffusers: ModuleType, eta: float, ends_at_zero: bool, steps: int
) -> None:
    scheduler = diffusers.DDIMScheduler(
        **BETAS, steps_offset=1, set_alpha_to_one=ends_at_zero, clip_sample=False
    )
    scheduler.alphas_cumprod = SCHEDULE.alpha_bar
    scheduler.final_alpha_cumprod = torch.ones(()) if ends_at_zero else SCHEDULE.alpha_bar[0]
    scheduler.set_timesteps(steps)
    noise, x, theirs = drawing(6), start(), []
    for i, t in enumerate(scheduler.timesteps):
        eps = toy_eps(x, t.expand(2))
        x = scheduler.step(eps, t, x, eta=eta, variance_noise=noise(i)).prev_sample
        theirs.append(x)

    sigmas = leading(SCHEDULE, steps)
    sigmas[-1] = 0 if ends_at_zero else SCHEDULE.sigmas[0]
    ours = paper_frame(ddim, sigmas, drawing(6), eta)

    assert largest_error(ours, theirs) < 1e-10


@pytest.mark.parametrize(
    ("spacing", "settings"),
    [
        ("leading", {"timestep_spacing": "leading", "steps_offset": 1}),
        ("linspace", {"timestep_spacing": "linspace"}),
        ("trailing", {"timestep_spacing": "trailing"}),
        ("karras", {"timestep_spacing": "linspace", "use_karras_sigmas": True}),
    ],
)
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("steps", [10, 28])  # so that linspace falls on whole timesteps
def test_euler_walks_with_the_reference(
    diffusers: ModuleType, spacing: str, settings: dict[str, Any], steps: int
) -> None:
    scheduler = diffusers.EulerDiscreteScheduler(**BETAS, **settings)
    scheduler.alphas_cumprod = SCHEDULE.alpha_bar
    scheduler.set_timesteps(steps)
    sigmas = SPACINGS[spacing](SCHEDULE, steps)
    x = begin = from_noise(start(), float(sigmas[0]))
    theirs = []
    for t in scheduler.timesteps:
        eps = toy_eps(scheduler.scale_model_input(x, t), t.expand(2))
        x = scheduler.step(eps, t, x).prev_sample
        theirs.append(x)

    ours = [step.x for step in euler(denoiser(toy_eps, SCHEDULE), begin, sigmas, silent)]

    assert torch.allclose(sigmas.float(), scheduler.sigmas, rtol=1e-6)
    assert largest_error(ours, theirs) < 1e-5  # theirs computes in float32


@pytest.mark.parametrize("spacing", SPACINGS)
def test_ddim_without_fresh_noise_is_the_euler_step(spacing: str) -> None:
    denoise, sigmas = denoiser(toy_eps, SCHEDULE), SPACINGS[spacing](SCHEDULE, 15)
    x = begin = from_noise(start(), float(sigmas[0]))
    by_euler = []
    for sigma, sigma_next in pairwise(sigmas.tolist()):
        x = x + (sigma_next - sigma) * (x - denoise(x, sigma)) / sigma
        by_euler.append(x)

    by_ddim = [step.x for step in ddim(denoise, begin, sigmas, silent, eta=0)]

    assert largest_error(by_ddim, by_euler) < 1e-12


def test_ddpm_draws_from_the_posterior_of_the_paper() -> None:
    """Hold one step to Ho et al. 2020, Eq. 7, in the paper's own frame."""
    t, beta = 600, SCHEDULE.betas[600]
    alpha_bar, before = SCHEDULE.alpha_bar[t], SCHEDULE.alpha_bar[t - 1]
    sigmas = SCHEDULE.sigmas[[t, t - 1]]
    x_t, fresh = start(), drawing(2)(0)
    eps = toy_eps(x_t, torch.full((2,), t))
    mean = (x_t - beta / (1 - alpha_bar).sqrt() * eps) / (1 - beta).sqrt()
    expected = mean + (beta * (1 - before) / (1 - alpha_bar)).sqrt() * fresh

    x = paper_frame(ddpm, sigmas, drawing(2))[0]

    assert torch.allclose(x, expected, atol=1e-12)


def test_the_reference_has_the_same_alpha_bar(diffusers: ModuleType) -> None:
    theirs = diffusers.DDPMScheduler(**BETAS).alphas_cumprod

    assert torch.allclose(theirs.double(), SCHEDULE.alpha_bar, rtol=2e-5)
