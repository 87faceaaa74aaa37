"""How fast samplers come nearer to the solution as steps get smaller, where it is known."""

import math

import pytest
import torch

from nodes.ldm.samplers import SAMPLERS
from tests.nodes.ldm.samplers.toys import gaussian_denoiser, silent, start

ORDERS = {
    "euler": 1,
    "ddim": 1,
    "heun": 2,
    "dpm_2": 2,
    "dpmpp_2m": 2,
    "dpmpp_2s_ancestral": 2,
    "uni_pc": 2,
    "uni_pc_3": 3,
    "lms": 2,  # its first step is of first order
}


def error(name: str, steps: int) -> float:
    """For data that is N(0, 1), D(x, sigma) = x / (1 + sigma^2) and the ODE has a closed form."""
    sigmas = torch.linspace(math.log(14), math.log(0.2), steps + 1, dtype=torch.float64).exp()
    exact = start() * ((1 + 0.2**2) / (1 + 14**2)) ** 0.5
    *_, last = SAMPLERS[name](gaussian_denoiser(1), start(), sigmas, silent, eta=0.0)
    return float((last.x - exact).norm() / exact.norm())


@pytest.mark.parametrize("name", ORDERS)
def test_halving_the_steps_divides_the_error_by_the_power_of_the_order(name: str) -> None:
    slope = math.log2(error(name, 80) / error(name, 160))

    assert slope > ORDERS[name] - 0.25


def test_at_twenty_steps_the_second_order_comes_far_nearer_than_the_first() -> None:
    for name, order in ORDERS.items():
        if order > 1:
            assert error(name, 20) < 0.25 * error("euler", 20), name


@pytest.mark.parametrize("name", [name for name, order in ORDERS.items() if order == 1])
def test_the_simplest_samplers_are_of_first_order_only(name: str) -> None:
    assert math.log2(error(name, 80) / error(name, 160)) < 1.25
