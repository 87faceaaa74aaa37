from collections.abc import Callable
from functools import partial
from importlib import import_module
from itertools import islice, pairwise
from types import ModuleType
from typing import Any

import pytest
import torch
from torch import Tensor

from nodes.ldm.denoiser import Denoiser, denoiser
from nodes.ldm.noise import step_noise
from nodes.ldm.samplers import (
    SAMPLERS,
    Sampler,
    ddim,
    ddpm,
    dpmpp_2m,
    euler,
    from_latent,
    from_noise,
)
from nodes.ldm.schedule import SPACINGS, NoiseSchedule, leading, trailing

SCHEDULE = NoiseSchedule("scaled_linear", 0.00085, 0.012)
BETAS: dict[str, Any] = {
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "beta_end": 0.012,
}


@pytest.fixture(scope="module")
def diffusers() -> ModuleType:
    return import_module("diffusers")


def toy_eps(x_t: Tensor, timestep: Tensor) -> Tensor:
    """Predict smoothly from all of x_t, so that an error in any element spreads."""
    level = timestep.to(x_t).reshape(-1, 1, 1, 1) / 1000
    return 0.8 * x_t + 0.3 * torch.tanh(2 * x_t.roll(1, dims=-1) + level) * (1.2 - level)


def start() -> Tensor:
    return torch.randn(2, 3, 4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(11))


def drawing(seed: int) -> Callable[[int], Tensor]:
    """Return a noise source that draws in order from one generator, as the reference does."""
    random = torch.Generator().manual_seed(seed)
    return lambda index: torch.randn(2, 3, 4, 5, dtype=torch.float64, generator=random)


def silent(index: int) -> Tensor:
    raise AssertionError(f"step {index} asked for noise")


def paper_frame(sampler: Sampler, sigmas: Tensor, noise: Callable[[int], Tensor]) -> list[Tensor]:
    """Walk from x_T = start() and return every x_t as the paper scales it."""
    x = from_noise(start(), float(sigmas[0]))
    steps = sampler(denoiser(toy_eps, SCHEDULE), x, sigmas, noise)
    return [step.x / (step.sigma**2 + 1) ** 0.5 for step in steps]


def largest_error(ours: list[Tensor], theirs: list[Tensor]) -> float:
    """Return the largest error over a trajectory, relative to the largest value at each step."""
    pairs = zip(ours, theirs, strict=True)
    return max(float((a - b).abs().max() / b.abs().max()) for a, b in pairs)


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
    ours = paper_frame(partial(ddim, eta=eta), sigmas, drawing(6))

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


@pytest.mark.parametrize(
    ("spacing", "settings"),
    [
        ("linspace", {"timestep_spacing": "linspace"}),
        ("trailing", {"timestep_spacing": "trailing"}),
        ("karras", {"timestep_spacing": "linspace", "use_karras_sigmas": True}),
    ],
)
@pytest.mark.parametrize("steps", [10, 28])
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_dpmpp_2m_walks_with_the_reference(
    diffusers: ModuleType, spacing: str, settings: dict[str, Any], steps: int
) -> None:
    scheduler = diffusers.DPMSolverMultistepScheduler(
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

    ours = paper_frame(dpmpp_2m, sigmas, silent)

    assert largest_error(ours, theirs) < 1e-5  # their sigmas are float32


def test_dpmpp_2m_comes_nearer_to_the_solution_than_euler() -> None:
    """For data that is N(0, 1), D(x, sigma) = x / (1 + sigma^2) and the ODE has a closed form."""
    sigmas = torch.linspace(14, 0.5, 21, dtype=torch.float64)
    exact = start() * ((1 + 0.5**2) / (1 + 14**2)) ** 0.5

    def error(sampler: Sampler) -> float:
        *_, last = sampler(lambda x, sigma: x / (1 + sigma**2), start(), sigmas, silent)
        return float((last.x - exact).norm())

    assert error(dpmpp_2m) < 0.2 * error(euler)


def test_the_reference_has_the_same_alpha_bar(diffusers: ModuleType) -> None:
    theirs = diffusers.DDPMScheduler(**BETAS).alphas_cumprod

    assert torch.allclose(theirs.double(), SCHEDULE.alpha_bar, rtol=2e-5)


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


def gaussian_denoiser(std: float) -> Denoiser:
    """Return the exact denoiser of pictures whose values are N(0, std^2)."""
    return lambda x, sigma: x * std**2 / (std**2 + sigma**2)


@pytest.mark.parametrize("name", SAMPLERS)
def test_an_exact_denoiser_leads_noise_to_the_distribution_of_the_data(name: str) -> None:
    sigmas = leading(SCHEDULE, 500)
    x = from_noise(torch.randn(1, 20_000, generator=torch.Generator().manual_seed(1)), 14.6)
    *_, last = SAMPLERS[name](gaussian_denoiser(0.5), x, sigmas, step_noise(1, x))

    assert last.sigma == 0
    assert float(last.x.std()) == pytest.approx(0.5, rel=0.03)  # 500 steps leave DDPM 2 % short
    assert abs(float(last.x.mean())) < 0.018


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_denoiser_that_knows_the_picture_ends_at_it(name: str) -> None:
    picture, sigmas = start(), trailing(SCHEDULE, 7)
    x = from_latent(picture, drawing(3)(0), float(sigmas[0]))
    *_, last = SAMPLERS[name](lambda x, sigma: picture, x, sigmas, drawing(4))

    assert torch.equal(last.x, picture)


def test_steps_count_up_and_tell_the_noise_level_they_reached() -> None:
    sigmas = leading(SCHEDULE, 4)
    steps = list(euler(gaussian_denoiser(1), start(), sigmas, silent))

    assert [step.index for step in steps] == [0, 1, 2, 3]
    assert {step.count for step in steps} == {4}
    assert [step.sigma for step in steps] == sigmas[1:].tolist()


@pytest.mark.parametrize("name", ["ddim", "euler"])
def test_a_deterministic_sampler_never_asks_for_noise(name: str) -> None:
    steps = list(SAMPLERS[name](gaussian_denoiser(1), start(), leading(SCHEDULE, 5), silent))

    assert len(steps) == 5


def test_ddpm_asks_for_noise_once_for_every_step_but_the_last() -> None:
    asked: list[int] = []

    def noise(index: int) -> Tensor:
        asked.append(index)
        return torch.zeros(2, 3, 4, 5, dtype=torch.float64)

    list(ddpm(gaussian_denoiser(1), start(), leading(SCHEDULE, 5), noise))

    assert asked == [0, 1, 2, 3]


def test_a_sampler_works_only_when_its_next_step_is_asked_for() -> None:
    sigmas, asked = leading(SCHEDULE, 10), []

    def denoise(x: Tensor, sigma: float) -> Tensor:
        asked.append(sigma)
        return x

    list(islice(euler(denoise, start(), sigmas, silent), 3))

    assert asked == sigmas[:3].tolist()


def test_no_steps_are_taken_where_no_noise_is_left() -> None:
    assert list(euler(gaussian_denoiser(1), start(), torch.zeros(1), silent)) == []


def test_sampling_keeps_no_gradients_and_leaves_grad_mode_as_it_was() -> None:
    weight = torch.ones((), requires_grad=True)
    steps = euler(lambda x, sigma: weight * x, start(), leading(SCHEDULE, 3), silent)
    first = next(steps)

    assert not first.x.requires_grad
    assert torch.is_grad_enabled()


def test_each_image_of_a_batch_is_the_image_made_alone() -> None:
    denoise, sigmas = denoiser(toy_eps, SCHEDULE), leading(SCHEDULE, 8)
    x = from_noise(start(), float(sigmas[0]))
    *_, both = ddpm(denoise, x, sigmas, step_noise(40, x))
    *_, alone = ddpm(denoise, x[1:], sigmas, step_noise(41, x[1:]))

    assert torch.allclose(both.x[1:], alone.x, atol=1e-12)


@pytest.mark.parametrize("eta", [-0.1, 1.5])
def test_an_eta_outside_its_range_is_refused(eta: float) -> None:
    with pytest.raises(ValueError, match=f"eta: got {eta}"):
        next(ddim(gaussian_denoiser(1), start(), leading(SCHEDULE, 3), silent, eta))


def test_sigmas_that_do_not_fall_are_refused() -> None:
    with pytest.raises(ValueError, match="expected each below the one before it"):
        next(euler(gaussian_denoiser(1), start(), torch.tensor([1.0, 2.0, 0.0]), silent))
