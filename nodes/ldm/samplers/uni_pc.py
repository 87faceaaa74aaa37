"""UniPC: predict, look, correct what was predicted, predict on."""

import math
from functools import partial

import torch
from torch import Tensor

from nodes.ldm.samplers.walk import At, Moved, Update, towards


def uni_pc(order: int) -> Update:
    """Return UniPC of an order (Zhao et al. 2023, arXiv:2302.04867, Alg. 1 and 2) on D.

    B(h) = e^h - 1 ("bh2"), h along lambda = -log sigma. One evaluation a step: D at the predicted
    x also corrects the step that led there. The order rises from 1 at the beginning of a walk and
    falls to 1 at its end. A step leaves (its corrected x, D, D of the step before, ...).
    """
    return partial(_step, order)


def _step(order: int, at: At) -> Moved:
    denoised, x = at.denoise(at.x, at.sigma), at.x
    if at.history:
        x = _corrected(at, denoised)
    estimates = (denoised, *at.history[1:])[:order]
    p = min(len(estimates), _steps_left(at, at.index))
    ratios = [_ratio(at, at.index, back) for back in range(1, p)]
    moved = towards(x, denoised, at.sigma, at.sigma_next)
    if p > 1:  # never to sigma 0, where h is infinite
        moved = moved + _bend(ratios, _h(at, at.index), denoised, estimates[1:p])
    return Moved(moved, denoised, (x, *estimates))


def _corrected(at: At, denoised: Tensor) -> Tensor:
    """Take the step before once more, now that D at its end is known (UniC)."""
    before, *estimates = at.history
    last = at.index - 1
    p = min(len(estimates), _steps_left(at, last))
    ratios = [*(_ratio(at, last, back) for back in range(1, p)), 1.0]
    x = towards(before, estimates[0], at.sigmas[last], at.sigma)
    return x + _bend(ratios, _h(at, last), estimates[0], (*estimates[1:p], denoised))


def _steps_left(at: At, index: int) -> int:
    """How many steps are left to sigma 0, this one counted; 3 stands for all that are more."""
    return next((n for n in (1, 2) if at.sigmas[index + n : index + n + 1] == (0.0,)), 3)


def _h(at: At, index: int) -> float:
    """How far a step goes along lambda."""
    return math.log(at.sigmas[index] / at.sigmas[index + 1])


def _ratio(at: At, index: int, back: int) -> float:
    """r_m: where the level `back` steps before lies, in units of this step; negative."""
    return math.log(at.sigmas[index] / at.sigmas[index - back]) / _h(at, index)


def _bend(ratios: list[float], h: float, base: Tensor, others: tuple[Tensor, ...]) -> Tensor:
    """B(h) sum over m of a_m (D_m - D) / r_m: what the step owes to D's change (Eq. 3)."""
    weights = _weights(ratios, h)
    terms = zip(weights, ratios, others, strict=True)
    return -math.expm1(-h) * torch.stack([a / r * (other - base) for a, r, other in terms]).sum(0)


def _weights(ratios: list[float], h: float) -> list[float]:
    """Solve R_p a = phi_p / B (Theorem 3.1); a lone weight is 1/2, as its authors have it."""
    if len(ratios) == 1:
        return [0.5]
    rows, right, phi, factorial = [], [], math.expm1(-h) / -h - 1, 1.0
    for power in range(len(ratios)):
        rows.append([ratio**power for ratio in ratios])
        right.append(phi * factorial / math.expm1(-h))
        factorial *= power + 2
        phi = phi / -h - 1 / factorial
    double = torch.float64
    solved = torch.linalg.solve(torch.tensor(rows, dtype=double), torch.tensor(right, dtype=double))
    return [float(weight) for weight in solved]
