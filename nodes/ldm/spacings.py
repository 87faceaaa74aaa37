"""Spacings: which noise levels of a schedule a sampler visits, falling, with 0 at the end."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from nodes.ldm.schedule import NoiseSchedule
from nodes.ldm.strength import kept_steps
from nodes.ldm.timesteps import TIMESTEPS


def leading(schedule: NoiseSchedule, steps: int) -> Tensor:
    """Return LDM's spacing, t = i floor(T / S) + 1, as S + 1 falling sigmas that end in 0.

    The offset of 1 gives way where it would leave the table (S = T asks for timestep T).
    """
    _check_steps(schedule, steps)
    stride = schedule.timesteps // steps
    offset = min(1, schedule.timesteps - 1 - (steps - 1) * stride)
    return _from_timesteps(schedule, torch.arange(steps - 1, -1, -1) * stride + offset)


def linspace(schedule: NoiseSchedule, steps: int) -> Tensor:
    """Return evenly spaced fractional timesteps T-1..0 as S + 1 falling sigmas that end in 0.

    k-diffusion's `get_sigmas`, which others call "normal".
    """
    _check_steps(schedule, steps)
    last = schedule.timesteps - 1
    return _from_timesteps(schedule, torch.linspace(last, 0, steps, dtype=torch.float64))


def sgm_uniform(schedule: NoiseSchedule, steps: int) -> Tensor:
    """Return evenly spaced timesteps from T-1 on that stop one stride above 0 (SDXL's own)."""
    _check_steps(schedule, steps)
    last = schedule.timesteps - 1
    return _from_timesteps(schedule, torch.linspace(last, 0, steps + 1, dtype=torch.float64)[:-1])


def trailing(schedule: NoiseSchedule, steps: int) -> Tensor:
    """Return t = round(T - i T / S) - 1 as S + 1 falling sigmas that end in 0.

    Always holds T - 1, as few steps and zero terminal SNR need (Lin et al. 2023, arXiv:2305.08891).
    """
    _check_steps(schedule, steps)
    i = torch.arange(steps, dtype=torch.float64)
    t = torch.round(schedule.timesteps - i * schedule.timesteps / steps) - 1
    return _from_timesteps(schedule, t)


def karras(schedule: NoiseSchedule, steps: int) -> Tensor:
    """Return Karras et al. 2022, Eq. 5, rho = 7, over the table as S + 1 sigmas that end in 0."""
    high, low, ramp = _ends(schedule, steps)
    high, low = high ** (1 / 7), low ** (1 / 7)
    return _end_in_zero((high + ramp * (low - high)) ** 7)


def exponential(schedule: NoiseSchedule, steps: int) -> Tensor:
    """Return sigmas evenly spaced in log sigma, DPM-Solver's uniform lambda (Lu et al. 2022)."""
    high, low, ramp = _ends(schedule, steps)
    return _end_in_zero(torch.lerp(high.log(), low.log(), ramp).exp())


def kl_optimal(schedule: NoiseSchedule, steps: int) -> Tensor:
    """Return sigmas whose arctangents are evenly spaced (Sabour et al. 2024, App. A)."""
    high, low, ramp = _ends(schedule, steps)
    return _end_in_zero(torch.lerp(high.atan(), low.atan(), ramp).tan())


_AYS = (14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0.029)
_AYS_SDXL = (14.615, 6.315, 3.771, 2.181, 1.342, 0.862, 0.555, 0.380, 0.234, 0.113, 0.029)


def _align_your_steps(levels: tuple[float, ...], schedule: NoiseSchedule, steps: int) -> Tensor:
    """Return the levels found best for 10 steps, between them in log sigma for other counts.

    Sabour et al. 2024 (arXiv:2404.14507), Stable Diffusion 1.5 and XL; the last level becomes 0.
    """
    _check_steps(schedule, steps)
    table = torch.tensor(levels, dtype=torch.float64).log()
    place = torch.linspace(0, len(levels) - 1, steps + 1, dtype=torch.float64)[:-1]
    below = place.long()
    return _end_in_zero(torch.lerp(table[below], table[below + 1], place - below).exp())


def _picked(name: str, schedule: NoiseSchedule, steps: int) -> Tensor:
    """Return the levels of whole timesteps, not always as many as asked for."""
    _check_steps(schedule, steps)
    return _from_timesteps(schedule, torch.tensor(TIMESTEPS[name](schedule.timesteps, steps)))


SPACINGS: dict[str, Callable[[NoiseSchedule, int], Tensor]] = {
    "leading": leading,
    "linspace": linspace,
    "normal": linspace,
    "sgm_uniform": sgm_uniform,
    "trailing": trailing,
    "karras": karras,
    "exponential": exponential,
    "kl_optimal": kl_optimal,
    "ays": partial(_align_your_steps, _AYS),
    "ays_sdxl": partial(_align_your_steps, _AYS_SDXL),
    **{name: partial(_picked, name) for name in TIMESTEPS},
}
"""Step spacings by name: (schedule, steps) -> falling sigmas, float64, the last one 0.

S + 1 of them for S steps; those in `TIMESTEPS` may make more or fewer.
"""


def keep_last(sigmas: Tensor, strength: float) -> Tensor:
    """Keep the last floor(strength S) steps of a spacing, to repaint a picture instead of noise.

    SDEdit (Meng et al. 2022, arXiv:2108.01073), as LDM's image-to-image. Strength 1 keeps all
    steps; strength 0 keeps none, only the final 0, so the picture comes back as it went in.

    Raises:
        ValueError: The strength is outside [0, 1].
    """
    if not 0 <= strength <= 1:
        raise ValueError(f"strength: got {strength}, expected a number in [0, 1]")
    steps = len(sigmas) - 1
    return sigmas[steps - kept_steps(steps, strength) :]


def _ends(schedule: NoiseSchedule, steps: int) -> tuple[Tensor, Tensor, Tensor]:
    """Highest and lowest sigma of the table, and a ramp of S numbers from 0 to 1."""
    _check_steps(schedule, steps)
    ramp = torch.linspace(0, 1, steps, dtype=torch.float64)
    return schedule.sigmas[-1], schedule.sigmas[0], ramp


def _check_steps(schedule: NoiseSchedule, steps: int) -> None:
    if not 1 <= steps <= schedule.timesteps:
        raise ValueError(
            f"steps: got {steps}, expected 1..{schedule.timesteps}, the timesteps of the schedule"
        )


def _from_timesteps(schedule: NoiseSchedule, timesteps: Tensor) -> Tensor:
    return _end_in_zero(schedule.sigma_of(timesteps))


def _end_in_zero(sigmas: Tensor) -> Tensor:
    return torch.cat([sigmas, sigmas.new_zeros(1)])
