"""Repainting changes nothing that is to be kept, with every sampler."""

import pytest
import torch

from nodes.ldm.masked import repainting
from nodes.ldm.prepared import Context
from nodes.ldm.samplers import SAMPLERS
from nodes.ldm.tiling import in_windows

KNOWN = torch.randn(1, 2, 4, 4, generator=torch.Generator().manual_seed(0))
EPS = torch.randn(1, 2, 4, 4, generator=torch.Generator().manual_seed(1))
MASK = torch.zeros(1, 1, 4, 4)
MASK[..., :2] = 1
SIGMAS = torch.tensor([10.0, 4.0, 1.5, 0.5, 0.0], dtype=torch.float64)


@pytest.mark.parametrize("name", SAMPLERS)
def test_what_is_kept_comes_out_as_it_went_in(name: str) -> None:
    denoise = repainting(lambda x, sigma: x / (1 + sigma**2), KNOWN, MASK, EPS)
    steps = list(
        SAMPLERS[name](denoise, 10 * EPS, SIGMAS, lambda index, part=0: torch.randn_like(EPS))
    )
    assert torch.allclose(steps[-1].x[..., 2:], KNOWN[..., 2:], atol=1e-5)
    assert not torch.allclose(steps[-1].x[..., :2], KNOWN[..., :2], atol=0.1)


def test_windows_of_a_network_without_neighbourhood_are_the_network() -> None:
    x = torch.randn(2, 3, 21, 13)

    def network(
        x: torch.Tensor,
        timesteps: torch.Tensor,
        context: Context | None = None,
        y: torch.Tensor | None = None,
    ) -> torch.Tensor:
        return 2 * x + timesteps[:, None, None, None]

    t = torch.tensor([3.0, 4.0])
    assert torch.allclose(in_windows(network, 8, 4)(x, t), network(x, t), atol=1e-5)
