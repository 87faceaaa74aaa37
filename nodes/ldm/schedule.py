"""The forward process q(x_t | x_0): betas, noise levels, and what a network says of them.

One invariant: everything here is float64 on the CPU until it meets a picture, whose type and device
it then takes. Noise levels are `sigma` in the variance-exploding frame, sigma = sqrt((1 -
alpha_bar) / alpha_bar); timesteps are 0..T-1. Sources: Ho et al. 2020 (DDPM, arXiv:2006.11239);
Rombach et al. 2022 (LDM, arXiv:2112.10752), App. B; Karras et al. 2022 (arXiv:2206.00364).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor


def _linear(beta_start: float, beta_end: float, timesteps: int) -> Tensor:
    """DDPM: betas evenly spaced (Ho et al. 2020, Sec. 4)."""
    return torch.linspace(beta_start, beta_end, timesteps, dtype=torch.float64)


def _scaled_linear(beta_start: float, beta_end: float, timesteps: int) -> Tensor:
    """LDM: square roots of the betas evenly spaced (called "linear" in its published configs)."""
    return _linear(math.sqrt(beta_start), math.sqrt(beta_end), timesteps) ** 2


def _sqrt(beta_start: float, beta_end: float, timesteps: int) -> Tensor:
    """Betas are the square roots of evenly spaced numbers (LDM's "sqrt")."""
    return _linear(beta_start, beta_end, timesteps).sqrt()


def _cosine(beta_start: float, beta_end: float, timesteps: int) -> Tensor:
    """Nichol and Dhariwal 2021 (arXiv:2102.09672), Eq. 17, s = 0.008; both ends are ignored."""
    t = torch.arange(timesteps + 1, dtype=torch.float64) / timesteps
    alpha_bar = torch.cos((t + 0.008) / 1.008 * math.pi / 2) ** 2
    return (1 - alpha_bar[1:] / alpha_bar[:-1]).clamp(max=0.999)


BETAS: dict[str, Callable[[float, float, int], Tensor]] = {
    "linear": _linear,
    "scaled_linear": _scaled_linear,
    "cosine": _cosine,
    "sqrt": _sqrt,
}
"""Beta schedules by name: (beta_start, beta_end, timesteps) -> betas, one per timestep."""

_LAST_ALPHA_BAR = 2.0**-24
"""Stands for zero signal, so that the last sigma, 4096, is a number; diffusers takes the same."""


def _without_terminal_signal(alpha_bar: Tensor) -> Tensor:
    """Shift and stretch sqrt(alpha_bar) so that it ends in zero and begins where it did."""
    signal = alpha_bar.sqrt()
    stretched = ((signal - signal[-1]) * signal[0] / (signal[0] - signal[-1])) ** 2
    stretched[-1] = min(_LAST_ALPHA_BAR, float(stretched[-2]) / 4)
    return stretched


@dataclass(frozen=True)
class NoiseSchedule:
    """A discrete variance schedule beta_0..beta_{T-1} and what follows from it.

    Args:
        kind: A key of `BETAS`.
        beta_start: beta_0, in (0, 1).
        beta_end: beta_{T-1}, in (0, 1).
        timesteps: T, the number of noise levels the network was trained on.
        zero_terminal_snr: Whether the levels are stretched until the last has no signal left
            (Lin et al. 2023, arXiv:2305.08891, Alg. 1); `betas` stay as they were before.

    Raises:
        ValueError: The kind is unknown, or the numbers make no schedule.
    """

    kind: str = "scaled_linear"
    beta_start: float = 0.0015
    beta_end: float = 0.0195
    timesteps: int = 1000
    zero_terminal_snr: bool = False

    def __post_init__(self) -> None:
        if self.kind not in BETAS:
            raise ValueError(
                f"noise schedule: got kind {self.kind!r}, expected one of {list(BETAS)}"
            )
        if not 0 < self.beta_start <= self.beta_end < 1:
            raise ValueError(
                f"noise schedule: got betas {self.beta_start}..{self.beta_end},"
                " expected two numbers in (0, 1), the first not above the second"
            )
        if self.timesteps < 2:
            raise ValueError(f"noise schedule: got {self.timesteps} timesteps, expected at least 2")

    @cached_property
    def betas(self) -> Tensor:
        """beta_t, T."""
        return BETAS[self.kind](self.beta_start, self.beta_end, self.timesteps)

    @cached_property
    def alpha_bar(self) -> Tensor:
        """Product of 1 - beta up to t, T, falling from nearly 1."""
        alpha_bar = torch.cumprod(1 - self.betas, dim=0)
        return _without_terminal_signal(alpha_bar) if self.zero_terminal_snr else alpha_bar

    @cached_property
    def sigmas(self) -> Tensor:
        """Noise level of each timestep in the variance-exploding frame, T, rising."""
        return ((1 - self.alpha_bar) / self.alpha_bar).sqrt()

    def sigma_of(self, timestep: Tensor) -> Tensor:
        """Return sigma at (fractional) timesteps in [0, T - 1], linear in log sigma between two."""
        below = timestep.double().floor().clamp(0, self.timesteps - 1).long()
        above = (below + 1).clamp(max=self.timesteps - 1)
        return torch.lerp(
            self.sigmas.log()[below], self.sigmas.log()[above], timestep.double() - below
        ).exp()

    def timestep_of(self, sigma: Tensor) -> Tensor:
        """Return the fractional timestep in [0, T - 1] of noise levels; the inverse of `sigma_of`.

        Levels outside the table take its first or last timestep.
        """
        log_sigmas = self.sigmas.log()
        log_sigma = sigma.double().log().clamp(log_sigmas[0], log_sigmas[-1])
        above = torch.searchsorted(log_sigmas, log_sigma).clamp(1, self.timesteps - 1)
        low, high = log_sigmas[above - 1], log_sigmas[above]
        return above - 1 + (log_sigma - low) / (high - low)

    def signal_and_noise(self, timestep: Tensor, like: Tensor) -> tuple[Tensor, Tensor]:
        """Return sqrt(alpha_bar_t) and sqrt(1 - alpha_bar_t), B 1 1 1, typed and placed as `like`.

        Args:
            timestep: B, integers in 0..T-1.
            like: B followed by any shape.
        """
        alpha_bar = self.alpha_bar[timestep.cpu()].reshape(-1, *[1] * (like.ndim - 1))
        return alpha_bar.sqrt().to(like), (1 - alpha_bar).sqrt().to(like)

    def q_sample(self, x0: Tensor, timestep: Tensor, eps: Tensor) -> Tensor:
        """Noise pictures to timestep t in one draw, x_t = sqrt(ab) x_0 + sqrt(1 - ab) eps.

        Ho et al. 2020, Eq. 4. `x0` and `eps` are B c h w, `timestep` is B.
        """
        signal, spread = self.signal_and_noise(timestep, x0)
        return signal * x0 + spread * eps


@dataclass(frozen=True)
class Prediction:
    """What a network was trained to output, where x_t = signal x_0 + spread eps, squares sum to 1.

    Args:
        target: (x_0, eps, signal, spread) -> what the network should say.
        x0: (x_t, output, signal, spread) -> the picture that the output implies.
    """

    target: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]
    x0: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]


PREDICTIONS: dict[str, Prediction] = {
    "eps": Prediction(
        target=lambda x0, eps, signal, spread: eps,
        x0=lambda x_t, eps, signal, spread: (x_t - spread * eps) / signal,
    ),
    "v": Prediction(
        target=lambda x0, eps, signal, spread: signal * eps - spread * x0,
        x0=lambda x_t, v, signal, spread: signal * x_t - spread * v,
    ),
    "x0": Prediction(
        target=lambda x0, eps, signal, spread: x0,
        x0=lambda x_t, x0, signal, spread: x0,
    ),
}
"""The three parameterisations by name (v: Salimans and Ho 2022, arXiv:2202.00512, App. D)."""


def eps_of(x_t: Tensor, x0: Tensor, signal: Tensor, spread: Tensor) -> Tensor:
    """Return the noise between a picture and its noised self, the last leg of every conversion."""
    return (x_t - signal * x0) / spread
