import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from nodes.training.optimizer import (
    Recipe,
    make_optimizer,
    optimizer_state,
    restore_optimizer,
    seeded,
    step_generator,
)

RECIPE = Recipe(steps=100, batch=1, lr=2e-3, warmup=20)


def test_the_learning_rate_rises_in_a_line_and_falls_in_a_cosine() -> None:
    assert RECIPE.lr_at(0) == pytest.approx(2e-3 / 20)
    assert RECIPE.lr_at(9) == pytest.approx(1e-3)
    assert RECIPE.lr_at(19) == pytest.approx(2e-3)
    assert RECIPE.lr_at(20) == pytest.approx(2e-3)
    assert RECIPE.lr_at(60) == pytest.approx(2e-3 * (0.05 + 0.95 / 2))
    assert RECIPE.lr_at(99) == pytest.approx(
        2e-3 * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * 79 / 80)))
    )


@given(st.integers(1, 500), st.integers(0, 50), st.floats(0, 1))
def test_the_learning_rate_stays_between_its_last_share_and_its_peak(
    steps: int, warmup: int, final: float
) -> None:
    recipe = Recipe(steps, 1, 1.0, warmup=min(warmup, steps // 10), final=final)
    rates = [recipe.lr_at(step) for step in range(steps)]

    assert all(0 < rate <= 1 + 1e-12 for rate in rates[: recipe.warmup])
    assert all(final - 1e-12 <= rate <= 1 + 1e-12 for rate in rates[recipe.warmup :])
    assert rates[recipe.warmup :] == sorted(rates[recipe.warmup :], reverse=True)


def test_only_matrices_and_kernels_decay() -> None:
    network = nn.Sequential(nn.Conv2d(2, 3, 1), nn.GroupNorm(1, 3), nn.Linear(3, 3))
    decaying, other = make_optimizer(network, RECIPE).param_groups

    assert decaying["weight_decay"] == RECIPE.weight_decay
    assert other["weight_decay"] == 0
    assert {p.ndim for p in decaying["params"]} == {2, 4}
    assert {p.ndim for p in other["params"]} == {1}
    assert len(decaying["params"]) + len(other["params"]) == len(list(network.parameters()))


def trained(network: nn.Linear, optimizer: torch.optim.AdamW, steps: int) -> None:
    for step in range(steps):
        optimizer.zero_grad()
        network(torch.full((1, 3), float(step + 1))).square().sum().backward()
        optimizer.step()


def test_the_state_goes_through_plain_tensors_and_back() -> None:
    with seeded(1):
        first = nn.Linear(3, 2)
    optimizer = make_optimizer(first, RECIPE)
    trained(first, optimizer, 3)
    second = nn.Linear(3, 2)
    second.load_state_dict(first.state_dict())
    resumed = make_optimizer(second, RECIPE)
    restore_optimizer(resumed, optimizer_state(optimizer))
    trained(first, optimizer, 2)
    trained(second, resumed, 2)

    assert torch.equal(first.weight, second.weight)
    assert torch.equal(first.bias, second.bias)


def test_the_state_of_an_untrained_optimizer_is_empty() -> None:
    assert optimizer_state(make_optimizer(nn.Linear(2, 2), RECIPE)) == {}


@given(st.integers(0, 2**53 - 1), st.integers(0, 10**7))
def test_a_step_draws_the_same_numbers_whenever_it_is_reached(seed: int, step: int) -> None:
    first = torch.randn(3, generator=step_generator(seed, step))

    assert torch.equal(torch.randn(3, generator=step_generator(seed, step)), first)
    assert not torch.equal(torch.randn(3, generator=step_generator(seed, step + 1)), first)


def test_initial_weights_come_from_the_seed_and_leave_torch_alone() -> None:
    torch.manual_seed(5)
    expected = torch.randn(2)
    torch.manual_seed(5)
    with seeded(9):
        first = nn.Linear(2, 2).weight
    after = torch.randn(2)
    with seeded(9):
        second = nn.Linear(2, 2).weight

    assert torch.equal(first, second)
    assert torch.equal(after, expected)
