"""Turn a network that predicts eps, v or x0 into the one call that samplers know.

A denoiser is D(x, sigma) -> denoised in the variance-exploding frame: x = x_0 + sigma eps, so x is
the x_t of the paper divided by sqrt(alpha_bar_t). Preconditioning of Karras et al. 2022
(arXiv:2206.00364), Table 1, "VP": c_in = 1 / sqrt(sigma^2 + 1).
"""

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

from nodes.ldm.schedule import PREDICTIONS, NoiseSchedule

Predict = Callable[[Tensor, Tensor], Tensor]
"""(x_t: B c h w, timestep: B float32 in 0..T-1) -> eps, v or x0, B c h w; conditions are inside."""


class Denoiser(Protocol):
    """The contract between networks and samplers."""

    def __call__(self, x: Tensor, sigma: float) -> Tensor:
        """Estimate the clean picture in `x`, B c h w, whose noise has standard deviation sigma."""


def denoiser(predict: Predict, schedule: NoiseSchedule, prediction: str = "eps") -> Denoiser:
    """Wrap a network's prediction, its schedule and its parameterisation as a denoiser.

    Args:
        predict: The network with its conditions, see `Predict`.
        schedule: The schedule the network was trained on; gives the timestep of each sigma.
        prediction: What the network predicts, a key of `PREDICTIONS`.

    Raises:
        ValueError: The prediction is unknown.
    """
    if prediction not in PREDICTIONS:
        raise ValueError(f"prediction: got {prediction!r}, expected one of {list(PREDICTIONS)}")
    x0 = PREDICTIONS[prediction].x0

    def denoise(x: Tensor, sigma: float) -> Tensor:
        level = torch.tensor(sigma, dtype=torch.float64)  # 0-dim: keeps the type of x below
        signal = 1 / (level**2 + 1).sqrt()  # c_in, which is sqrt(alpha_bar)
        timestep = float(schedule.timestep_of(level))
        x_t = signal * x
        output = predict(x_t, torch.full((len(x),), timestep, device=x.device))
        return x0(x_t, output, signal, level * signal)

    return denoise
