"""A control counts where it should: between its start and end, by its strength, in every row."""

import pytest
import torch
from torch import Tensor

from nodes.ldm.config import UNetConfig
from nodes.ldm.control import Control, Controlled, controlled
from nodes.ldm.controlnet import ControlNet
from nodes.ldm.controlnet_config import ControlNetConfig
from nodes.ldm.tiling import in_windows
from nodes.ldm.unet import UNet
from tests.nodes.checkpoints.loading import randomized

TINY = UNetConfig(model_channels=32, num_res_blocks=1, channel_mult=(1, 2), attention_ds=(2,),
                  num_heads=2, context_dim=8)  # fmt: skip
CONFIG = ControlNetConfig(unet=TINY, hint_widths=(4, 4, 8, 8))
LAST = 999


@pytest.fixture(scope="module")
def unet() -> UNet:
    return randomized(UNet(TINY))


@pytest.fixture(scope="module")
def network() -> ControlNet:
    return randomized(ControlNet(CONFIG))


def drawn(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape)))


HINT, X, CONTEXT = drawn(1, 3, 32, 48).sigmoid(), drawn(2, 4, 4, 6), drawn(2, 5, 8)


@torch.no_grad()
def run(unet: UNet, timestep: float, *controls: Control, x: Tensor = X) -> Tensor:
    timesteps = torch.full((len(x),), timestep)
    return controlled(unet, controls, LAST)(x, timesteps, CONTEXT)


@pytest.mark.parametrize(
    ("timestep", "start", "end", "counts"),
    [
        (999, 0.0, 1.0, True),
        (0, 0.0, 1.0, True),
        (999, 0.1, 1.0, False),
        (500, 0.2, 0.6, True),
        (300, 0.2, 0.6, False),
        (900, 0.2, 0.6, False),
        (500, 0.6, 0.2, False),
    ],
)
def test_a_control_counts_between_its_start_and_its_end(
    unet: UNet, network: ControlNet, timestep: float, start: float, end: float, counts: bool
) -> None:
    got = run(unet, timestep, Control(network, HINT, 1.0, start, end))
    assert torch.equal(got, run(unet, timestep)) != counts


def test_at_strength_zero_it_does_not_count(unet: UNet, network: ControlNet) -> None:
    assert torch.equal(run(unet, 500, Control(network, HINT, 0.0)), run(unet, 500))


def test_two_controls_add_up(unet: UNet, network: ControlNet) -> None:
    twice = run(unet, 500, Control(network, HINT, 0.3), Control(network, HINT, 0.4))
    assert torch.allclose(twice, run(unet, 500, Control(network, HINT, 0.7)), atol=1e-5)


@torch.no_grad()
def test_both_halves_of_a_guided_batch_see_the_same_hints(unet: UNet, network: ControlNet) -> None:
    hints = drawn(2, 3, 32, 48).sigmoid()
    steered = controlled(unet, [Control(network, hints)], LAST)
    timesteps = torch.full((4,), 500.0)
    both = steered(torch.cat([X, X]), timesteps, torch.cat([CONTEXT, CONTEXT]))
    assert torch.allclose(both[:2], both[2:], atol=1e-5)
    alone = controlled(unet, [Control(network, hints[1:])], LAST)
    assert torch.allclose(both[1:2], alone(X[1:], timesteps[:1], CONTEXT[1:]), atol=1e-5)


@torch.no_grad()
def test_beside_an_inpainting_model_it_sees_the_latent_alone(network: ControlNet) -> None:
    config = UNetConfig(**{**TINY.__dict__, "in_channels": 9})
    unet = randomized(UNet(config))
    x = torch.cat([X, drawn(2, 5, 4, 6)], dim=1)
    plain = run(unet, 500, x=x)
    steered = run(unet, 500, Control(network, HINT), x=x)
    assert steered.shape == plain.shape
    assert not torch.allclose(steered, plain, atol=1e-3)


@torch.no_grad()
def test_each_window_of_a_large_latent_sees_its_own_part_of_the_hint(
    unet: UNet, network: ControlNet
) -> None:
    whole = controlled(unet, [Control(network, HINT)], LAST)
    x, timesteps = X[:, :, :, :4], torch.full((2,), 500.0)
    tiled = in_windows(whole, 4, 2)(X, timesteps, CONTEXT)
    assert isinstance(whole, Controlled)
    first = whole.window((0, 4), (0, 4))(x, timesteps, CONTEXT)
    assert tiled.shape == X.shape
    assert torch.allclose(tiled[..., :2], first[..., :2], atol=1e-5)


@pytest.mark.parametrize(
    ("hint", "said"),
    [
        (torch.zeros(1, 1, 32, 48), "expected B 3 H W"),
        (torch.zeros(1, 3, 32, 44), "multiples of 8"),
    ],
)
def test_a_hint_that_cannot_be_brought_to_latent_size_is_refused(
    network: ControlNet, hint: Tensor, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        network.see(hint)


@torch.no_grad()
def test_a_fresh_controlnet_changes_nothing(unet: UNet) -> None:
    fresh = ControlNet(CONFIG).eval()
    assert torch.equal(run(unet, 500, Control(fresh, HINT)), run(unet, 500))
