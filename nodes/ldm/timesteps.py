"""Spacings that pick whole timesteps, as lists; loads without torch, so a check can count them.

Each takes T, the timesteps of the table, and the steps asked for, and returns falling timesteps in
0..T-1, not always as many as asked for: `steps_of` tells how many.
"""

import math
from bisect import bisect_left
from collections.abc import Callable
from itertools import groupby


def simple(timesteps: int, steps: int) -> list[int]:
    """Every (T / S)-th timestep from T - 1 down, rounded up (ComfyUI's "simple")."""
    return [timesteps - 1 - int(i * (timesteps / steps)) for i in range(steps)]


def ddim_uniform(timesteps: int, steps: int) -> list[int]:
    """1, 1 + c, 1 + 2c, ... below T, c = floor(T / S): LDM's DDIM grid, as ComfyUI reads it.

    Where c does not divide T well there are more steps than asked for: 31 instead of 30.
    """
    return list(range(1, timesteps, timesteps // steps))[::-1]


def beta(timesteps: int, steps: int) -> list[int]:
    """Quantiles of Beta(0.6, 0.6), dense at both ends (Lee et al. 2024, arXiv:2407.12173).

    Rounded to timesteps, many steps meet at the ends; each timestep is visited once.
    """
    last = timesteps - 1

    def below(place: int) -> float:
        return beta_cdf((place + 0.5) / last, 0.6)

    # A quantile rounds to t when t of the half-way points 0.5, 1.5, ... lie below it.
    found = (bisect_left(range(last), 1 - i / steps, key=below) for i in range(steps))
    return [t for t, _ in groupby(found)]


def lcm(timesteps: int, steps: int) -> list[int]:
    """Spread over the 50 levels that latent consistency models know (Luo et al. 2023, Sec. 4.3)."""
    stride = max(timesteps // 50, 1)
    known = range(min(50, timesteps) * stride - 1, -1, -stride)
    steps = min(steps, len(known))
    return [known[i * len(known) // steps] for i in range(steps)]


TIMESTEPS: dict[str, Callable[[int, int], list[int]]] = {
    "simple": simple,
    "ddim_uniform": ddim_uniform,
    "beta": beta,
    "lcm": lcm,
}
"""By name: (T, steps asked for) -> timesteps."""


def steps_of(spacing: str, timesteps: int, steps: int) -> int:
    """How many steps a spacing really makes of those asked for, 1..T."""
    choose = TIMESTEPS.get(spacing)
    return len(choose(timesteps, steps)) if choose and 1 <= steps <= timesteps else steps


def beta_cdf(x: float, a: float) -> float:
    """Return P(X < x) of X ~ Beta(a, a), a in (0, 1], to 1e-12.

    The regularised incomplete beta function by its power series, all terms positive (Abramowitz
    and Stegun 1964, 6.6.8 and 26.5.4), on the half where it converges fast.
    """
    if x > 0.5:
        return 1 - beta_cdf(1 - x, a)
    term, total, n = 1 / a, 0.0, 0
    while term > 1e-14:
        total += term
        n += 1
        # The n-th coefficient is (1 - a)(2 - a)...(n - a) / n!, over a + n.
        term *= x * (n - a) / n * (a + n - 1) / (a + n)
    whole = math.exp(2 * math.lgamma(a) - math.lgamma(2 * a))
    return float(x**a) * total / whole
