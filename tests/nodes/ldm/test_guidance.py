from importlib import import_module

import pytest
import torch
from torch import Tensor, nn

from nodes.ldm.attention import CrossAttention, to_map, to_tokens
from nodes.ldm.guidance import Condition, conditioned, guided
from nodes.ldm.prepared import Context


class ToyUNet(nn.Module):
    """A network with every kind of condition that notes the batch sizes it was asked for."""

    def __init__(self, concat_channels: int = 0) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv = nn.Conv2d(4 + concat_channels, 4, 3, padding=1)
        self.context = nn.Linear(8, 4)
        self.y = nn.Embedding(10, 4)
        self.batches: list[int] = []

    def forward(
        self, x: Tensor, timesteps: Tensor, context: Context | None = None, y: Tensor | None = None
    ) -> Tensor:
        self.batches.append(len(x))
        bias = timesteps[:, None] / 1000
        if isinstance(context, Tensor):
            bias = bias + self.context(context).mean(dim=1)
        if y is not None:
            bias = bias + self.y(y)
        output: Tensor = torch.tanh(self.conv(x) + bias[:, :, None, None])
        return output


def condition(seed: int) -> Condition:
    random = torch.Generator().manual_seed(seed)
    return Condition(
        torch.randn(3, 5, 8, generator=random), torch.randint(10, (3,), generator=random)
    )


def inputs() -> tuple[Tensor, Tensor]:
    x_t = torch.randn(3, 4, 6, 5, generator=torch.Generator().manual_seed(9))
    return x_t, torch.tensor([1.0, 500.0, 999.0])


@pytest.mark.parametrize("scale", [0.0, 0.5, 3.0, 7.5])
def test_one_batch_of_both_halves_equals_two_passes(scale: float) -> None:
    network, (x_t, t) = ToyUNet(), inputs()
    cond, uncond = condition(1), condition(2)
    eps_cond = conditioned(network, cond)(x_t, t)
    eps_uncond = conditioned(network, uncond)(x_t, t)
    network.batches.clear()
    eps = guided(network, cond, uncond, scale)(x_t, t)

    assert torch.allclose(eps, eps_uncond + scale * (eps_cond - eps_uncond), atol=1e-6)
    assert network.batches == [6]


def test_scale_1_evaluates_the_conditional_half_alone() -> None:
    network, (x_t, t) = ToyUNet(), inputs()
    eps = guided(network, condition(1), condition(2), 1.0)(x_t, t)

    assert network.batches == [3]
    assert torch.equal(eps, conditioned(network, condition(1))(x_t, t))


def test_both_halves_see_the_same_concat_channels() -> None:
    network, (x_t, t) = ToyUNet(concat_channels=2), inputs()
    concat = torch.randn(3, 2, 6, 5, generator=torch.Generator().manual_seed(4))
    cond, uncond = condition(1), condition(2)
    eps_cond = conditioned(network, cond, concat)(x_t, t)
    eps_uncond = conditioned(network, uncond, concat)(x_t, t)
    eps = guided(network, cond, uncond, 3.0, concat)(x_t, t)

    assert torch.allclose(eps, eps_uncond + 3 * (eps_cond - eps_uncond), atol=1e-6)


def test_the_concat_channels_come_behind_the_latents() -> None:
    x_t, t = inputs()
    concat = torch.full((3, 2, 6, 5), 7.0)
    passed = conditioned(lambda x, timesteps, context=None, y=None: x, Condition(), concat)(x_t, t)

    assert torch.equal(passed, torch.cat([x_t, concat], dim=1))


def test_a_network_without_conditions_runs_unguided() -> None:
    network, (x_t, t) = ToyUNet(), inputs()

    assert torch.equal(conditioned(network, Condition())(x_t, t), network(x_t, t))


def test_the_prediction_has_the_type_of_the_latents_whatever_the_network_computes_in() -> None:
    x_t, t = inputs()
    predict = conditioned(lambda x, timesteps, context=None, y=None: x.bfloat16(), Condition())

    assert predict(x_t, t).dtype == torch.float32


def test_halves_of_different_shape_are_refused() -> None:
    narrow = Condition(torch.zeros(3, 4, 8))
    wide = Condition(torch.zeros(3, 4, 9))

    with pytest.raises(
        ValueError, match=r"context has shape \(3, 4, 8\) in uncond and \(3, 4, 9\)"
    ):
        guided(ToyUNet(), wide, narrow, 3.0)


@pytest.mark.parametrize(("uncond", "cond"), [(4, 8), (8, 4), (4, 6), (5, 5)])
@torch.no_grad()
def test_prompts_of_unequal_length_guide_as_they_would_one_by_one(uncond: int, cond: int) -> None:
    torch.manual_seed(1)
    attention = CrossAttention(width=4, context_width=8, heads=2)

    def network(
        x: Tensor, timesteps: Tensor, context: Context | None = None, y: Tensor | None = None
    ) -> Tensor:
        assert isinstance(context, Tensor)
        return to_map(attention(to_tokens(x), attention.keys_values(context)), x)

    x_t, t = torch.randn(3, 4, 2, 2), torch.zeros(3)
    told, not_told = (Condition(torch.randn(3, tokens, 8)) for tokens in (cond, uncond))
    eps, eps_uncond = (conditioned(network, half)(x_t, t) for half in (told, not_told))
    got = guided(network, told, not_told, 3.0)(x_t, t)

    assert torch.allclose(got, eps_uncond + 3 * (eps - eps_uncond), atol=1e-6)


def test_a_half_without_its_part_is_refused() -> None:
    y = torch.zeros(3, dtype=torch.long)

    with pytest.raises(ValueError, match=r"y has shape None in uncond and \(3,\) in cond"):
        guided(ToyUNet(), Condition(y=y), Condition(), 3.0)


@pytest.mark.parametrize("share", [0.0, 0.7, 1.0])
def test_rescaled_guidance_is_the_references(share: float) -> None:
    pipeline = "diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion"
    reference = import_module(pipeline).rescale_noise_cfg
    network, (x_t, timestep) = ToyUNet(), inputs()
    cond = conditioned(network, condition(1))(x_t, timestep)
    plain = guided(network, condition(1), condition(2), 7.5)(x_t, timestep)
    rescaled = guided(network, condition(1), condition(2), 7.5, rescale=share)(x_t, timestep)

    expected = reference(plain, cond, guidance_rescale=share)
    assert torch.allclose(rescaled, expected, rtol=1e-5, atol=1e-6)
    spreads = rescaled.std((1, 2, 3)), cond.std((1, 2, 3))
    assert torch.allclose(*spreads, rtol=1e-5) == (share == 1)
