"""Denoisers, starts and noise that samplers are tried on, none of them needing a network."""

import math

import torch
from torch import Tensor

from nodes.ldm.denoiser import Denoiser
from nodes.ldm.noise_conventions import Drawn
from nodes.ldm.schedule import NoiseSchedule

SCHEDULE = NoiseSchedule("scaled_linear", 0.00085, 0.012)
SHAPE = (2, 3, 4, 5)


def toy_eps(
    x_t: Tensor, timestep: Tensor, context: Tensor | None = None, y: Tensor | None = None
) -> Tensor:
    """Predict smoothly from all of x_t, so that an error in any element spreads."""
    del context, y
    level = timestep.to(x_t).reshape(-1, 1, 1, 1) / 1000
    return 0.8 * x_t + 0.3 * torch.tanh(2 * x_t.roll(1, dims=-1) + level) * (1.2 - level)


def gaussian_denoiser(std: float) -> Denoiser:
    """Return the exact denoiser of pictures whose values are N(0, std^2)."""
    return lambda x, sigma: x * std**2 / (std**2 + sigma**2)


def bent_denoiser(x: Tensor, sigma: float | Tensor) -> Tensor:
    """Estimate as for N(0, 0.25) data, bent, so that no sampler is exact on it by accident."""
    return (x + 0.3 * torch.sin(2 * x.roll(1, dims=-1))) / (1 + 4 * sigma**2)


def start() -> Tensor:
    """Standard normal, float64."""
    return torch.randn(SHAPE, dtype=torch.float64, generator=torch.Generator().manual_seed(11))


class Drawing:
    """A noise source: draw n of step i has its own float64 numbers; remembers who asked."""

    def __init__(self, seed: int) -> None:
        self.drawn, self.asked = Drawn(seed, SHAPE), list[tuple[int, int]]()

    def __call__(self, index: int, draw: int = 0, /) -> Tensor:
        self.asked.append((index, draw))
        return self.drawn(2 * index + draw).double()


def silent(index: int, draw: int = 0, /) -> Tensor:
    raise AssertionError(f"step {index} asked for noise")


def waves(number: int, shape: tuple[int, ...]) -> Tensor:
    """Numbers of variance near 1 that any program can write down again."""
    place = torch.arange(math.prod(shape), dtype=torch.float64)
    return (math.sqrt(2) * torch.sin(1.7 * place + 2.3 * number + 0.4)).reshape(shape)


def largest_error(ours: list[Tensor], theirs: list[Tensor]) -> float:
    """Return the largest error over a trajectory, relative to the largest value at each step."""
    pairs = zip(ours, theirs, strict=True)
    return max(float((a - b).abs().max() / b.abs().max()) for a, b in pairs)
