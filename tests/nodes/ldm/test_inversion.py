"""DDIM inversion: the walk up leads to the noise that the walk down came from."""

import pytest
import torch
from torch import Tensor

from nodes.ldm.inversion import inverted
from nodes.ldm.prepared import Prepared
from nodes.ldm.sampling import Steering, Walk, sample
from nodes.ldm.schedule import NoiseSchedule
from nodes.ldm.spacings import trailing

TABLE = NoiseSchedule()
LATENT = 0.5 * torch.randn(
    2, 3, 4, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64
)


def network(
    x: Tensor,
    timesteps: Tensor,
    context: Tensor | Prepared | None = None,
    y: Tensor | None = None,
) -> Tensor:
    """What eps is if data are Gaussian of deviation 1/2, bent a little."""
    alpha_bar = TABLE.alpha_bar[timesteps.long()].reshape(-1, 1, 1, 1).to(x)
    return (1 - alpha_bar).sqrt() / (1 - 0.75 * alpha_bar) * x + 0.05 * x.sin()


def walk(steps: int) -> Walk:
    return Walk(TABLE, "eps", tuple(trailing(TABLE, steps).tolist()), first=1)


def round_trip(steps: int, refine: int) -> tuple[Tensor, Tensor]:
    """The noise, and what it leads back to."""
    *_, up = inverted(network, LATENT, Steering(), walk(steps), refine)
    *_, down = sample(network, up.x, Steering(), walk(steps))
    return up.x, down.x


def test_the_round_trip_gets_better_with_more_steps() -> None:
    errors = [float((round_trip(steps, 0)[1] - LATENT).abs().max()) for steps in (20, 80, 320)]

    assert errors[2] < errors[1] / 2 < errors[0] / 4
    assert errors[2] < 0.1


@pytest.mark.parametrize("steps", [10, 50])
def test_mended_steps_are_the_exact_inverse_in_the_end(steps: int) -> None:
    errors = [float((round_trip(steps, k)[1] - LATENT).abs().max()) for k in (0, 2, 40)]

    assert errors[1] < errors[0] / 2
    assert errors[2] < 1e-6


def test_what_comes_up_is_as_noisy_as_the_level_where_the_walk_down_begins() -> None:
    up, _ = round_trip(50, 0)

    assert 0.5 < float(up.std()) / walk(50).sigmas[1] < 3


def test_every_step_is_told_with_its_level() -> None:
    steps = list(inverted(network, LATENT, Steering(), walk(5), 0))

    assert [(step.index, step.count) for step in steps] == [(k, 4) for k in range(4)]
    assert [step.sigma for step in steps] == list(walk(5).sigmas[1:-1])[::-1]
