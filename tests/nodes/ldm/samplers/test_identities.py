"""What must hold between the paper's samplers and the processes they walk."""

from itertools import pairwise

import torch
from torch import Tensor

from nodes.ldm.denoiser import denoiser
from nodes.ldm.samplers import SAMPLERS, from_noise
from nodes.ldm.schedule import NoiseSchedule
from nodes.ldm.spacings import SPACINGS

SCHEDULE = NoiseSchedule()
SHAPE = (1, 2, 4, 4)


def toy_eps(x_t: Tensor, timestep: Tensor) -> Tensor:
    """A smooth stand-in for a network: what eps is if data are Gaussian of deviation 1/2."""
    alpha_bar = SCHEDULE.alpha_bar[timestep.long()].reshape(-1, 1, 1, 1).to(x_t)
    return (1 - alpha_bar).sqrt() / (1 - 0.75 * alpha_bar) * x_t + 0.01 * x_t.sin()


def start(seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(SHAPE, dtype=torch.float64, generator=generator)


def fresh(index: int, draw: int = 0) -> Tensor:
    return start(1000 * draw + index + 1)


def walked(name: str, sigmas: Tensor, eta: float | None) -> list[Tensor]:
    denoise = denoiser(toy_eps, SCHEDULE)
    x = from_noise(start(), float(sigmas[0]))
    return [step.x for step in SAMPLERS[name](denoise, x, sigmas, fresh, eta=eta)]


def test_ddim_with_eta_1_over_all_timesteps_is_ddpm() -> None:
    """Song et al. 2021, Sec. 4.1: the same posterior when no timestep is left out."""
    sigmas = SPACINGS["linspace"](SCHEDULE, SCHEDULE.timesteps).double()
    ours, theirs = walked("ddim", sigmas, 1.0), walked("ddpm", sigmas, None)

    assert len(ours) == SCHEDULE.timesteps
    for a, b in zip(ours, theirs, strict=True):
        assert (a - b).abs().max() < 1e-8 * max(1, float(b.abs().max()))


def test_ddim_inverts_itself() -> None:
    """Walked up with the noise of the level below, the noise comes back: exactly in the limit."""
    errors = []
    for steps in (100, 400):
        sigmas = SPACINGS["linspace"](SCHEDULE, steps).double()[:-1]
        denoise = denoiser(toy_eps, SCHEDULE)
        x = walked("ddim", sigmas, 0.0)[-1]
        rising = sigmas.flip(0).tolist()
        for low, high in pairwise(rising):
            x = x + (high - low) * (x - denoise(x, low)) / low
        errors.append(float((x / rising[-1] - start()).abs().max()))

    assert errors[1] < errors[0] / 2
    assert errors[1] < 0.05
