"""Steering by gradients: exact where the posterior is known, and one line for every prediction."""

from dataclasses import dataclass, replace
from typing import Self

import pytest
import torch
from torch import Tensor, nn

from nodes.ldm.denoiser import denoiser
from nodes.ldm.schedule import PREDICTIONS, NoiseSchedule
from nodes.ldm.steering import (
    ClassLikelihood,
    Likelihood,
    Moment,
    PictureLikelihood,
    estimate_variance,
    steered,
)

SCHEDULE = NoiseSchedule()


def noise(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@dataclass(frozen=True, eq=False)
class Observed:
    """log p(y | z_t) of y = z_0 + noise, where z_0 has the spread 1: all of it is known."""

    y: Tensor
    variance: float
    through = True

    def log(self, now: Moment) -> Tensor:
        left = now.sigma**2 / (1 + now.sigma**2)
        apart = (self.y - now.estimate).square().flatten(1).sum(1)
        return -apart / (2 * (left + self.variance))

    def rows(self, which: slice) -> Self:
        return replace(self, y=self.y[which])


@dataclass(frozen=True, eq=False)
class Slope:
    """A likelihood whose gradient with respect to z_t is the same everywhere."""

    slope: Tensor
    through = False

    def log(self, now: Moment) -> Tensor:
        return (self.slope * now.z_t).flatten(1).sum(1)

    def rows(self, which: slice) -> Self:
        return replace(self, slope=self.slope[which])


def gaussian(x: Tensor, sigma: float) -> Tensor:
    """The best denoiser of latents of spread 1."""
    return x / (1 + sigma**2)


@pytest.mark.parametrize("sigma", [0.1, 1.0, 20.0])
def test_steering_to_what_was_observed_gives_the_posterior_mean(sigma: float) -> None:
    x, y, variance = noise(0, 2, 4, 3, 3) * sigma, noise(1, 2, 4, 3, 3), 0.3
    left = sigma**2 / (1 + sigma**2)
    expected = gaussian(x, sigma) + left / (left + variance) * (y - gaussian(x, sigma))

    with torch.no_grad():  # as nodes compute
        found = steered(gaussian, [Observed(y, variance)], SCHEDULE)(x, sigma)

    assert torch.allclose(found, expected)
    assert not found.requires_grad


@pytest.mark.parametrize("prediction", PREDICTIONS)
def test_eps_is_moved_as_the_papers_write_it(prediction: str) -> None:
    """eps' = eps - sqrt(1 - alpha_bar) grad log p(y | z_t), whatever the network predicts."""
    x, said, slope, sigma = (*(noise(seed, 1, 4, 2, 2) for seed in (0, 1, 2)), 3.0)
    signal = 1 / (1 + sigma**2) ** 0.5
    plain = denoiser(lambda z, t: said, SCHEDULE, prediction)

    def eps(clean: Tensor) -> Tensor:
        return (x - clean) / sigma

    moved = eps(steered(plain, [Slope(slope)], SCHEDULE)(x, sigma))

    assert torch.allclose(moved, eps(plain(x, sigma)) - sigma * signal * slope)


def test_several_likelihoods_are_multiplied() -> None:
    x, one, two = (noise(seed, 1, 4, 2, 2) for seed in range(3))

    def moved(*parts: Likelihood) -> Tensor:
        return steered(gaussian, parts, SCHEDULE)(x, 2.0) - gaussian(x, 2.0)

    both = moved(Slope(one), Slope(two))
    assert torch.allclose(both, moved(Slope(one)) + moved(Slope(two)))


class Scores(nn.Module):
    """A linear classifier of two classes."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([[1.0], [-1.0]]))

    def forward(self, z_t: Tensor, timestep: Tensor) -> Tensor:
        return z_t.mean(dim=(1, 2, 3))[:, None] @ self.weight.T


def test_a_classifier_pulls_to_its_class_and_learns_nothing() -> None:
    network, x = Scores(), torch.zeros(2, 4, 2, 2)
    aim = ClassLikelihood(network, torch.tensor([0, 1]), 1.0)
    moved = steered(gaussian, [aim], SCHEDULE)(x, 1.0)

    assert (moved[0] > 0).all()
    assert torch.allclose(moved[1], -moved[0])
    assert network.weight.grad is None
    twice = steered(gaussian, [replace(aim, scale=2.0)], SCHEDULE)(x, 1.0)
    assert torch.allclose(twice, 2 * moved)


def test_a_part_of_a_batch_has_its_own_aims() -> None:
    several = ClassLikelihood(Scores(), torch.tensor([0, 1, 1]), 1.0)
    single = ClassLikelihood(Scores(), torch.tensor([1]), 1.0)

    assert several.rows(slice(1, 3)).classes.tolist() == [1, 1]
    assert single.rows(slice(1, 3)).classes.tolist() == [1]


@pytest.mark.parametrize(("shrink", "grey"), [(1, False), (2, False), (4, True)])
def test_a_picture_pulls_what_counts_of_it_nearer(shrink: int, grey: bool) -> None:
    picture = noise(3, 1, 3, 8, 8).float().clamp(-1, 1)
    aim = PictureLikelihood(lambda z: z[:, :3], picture, shrink, grey, 0.5)
    x = noise(4, 2, 4, 8, 8).float()

    def apart(estimate: Tensor) -> float:
        now = Moment(estimate, torch.zeros(2), 1.0, estimate)
        return -float(aim.log(now).sum())

    near = steered(gaussian, [aim], SCHEDULE)(x, 1.0)
    assert apart(near) < apart(gaussian(x, 1.0))
    assert torch.allclose(near[:, 3], gaussian(x, 1.0)[:, 3])  # the decoder does not look there


def test_the_estimate_is_trusted_more_the_less_noise_there_is() -> None:
    variances = [estimate_variance(sigma) for sigma in (0.01, 1.0, 10.0, 100.0)]

    assert variances == sorted(variances)
    assert variances[0] == pytest.approx(0.01**2, rel=1e-3)
    assert variances[-1] < 300
