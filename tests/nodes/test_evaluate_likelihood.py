"""MeasureLikelihood: figures of a denoiser on latents, with what it is told of them."""

import pytest
import torch

from engine.node import Facts, Inference
from nodes.dataset import draw_dataset, encode_dataset, tell_tokens
from nodes.dataset_values import PictureSet, TokenSet
from nodes.evaluate_likelihood import measure_likelihood
from nodes.evaluate_speed import measure_throughput
from nodes.train_diffusion import train_diffusion
from nodes.values import Latent, Scenes, UNet
from tests.nodes.context import FolderContext
from tests.nodes.tiny import TinyModels


@pytest.fixture
def pictures(ctx: FolderContext) -> PictureSet:
    return draw_dataset(Scenes(0, 4, 32, (1, 1)), ctx)


@pytest.fixture
def latent(pictures: PictureSet, models: TinyModels, ctx: FolderContext) -> Latent:
    return encode_dataset(models.autoencoder, pictures, ctx)


def denoiser(ctx: FolderContext, latent: Latent, tokens: TokenSet | None = None) -> UNet:
    return train_diffusion(
        latent, ctx, tokens=tokens, steps=1, batch=2, width=16, channel_mult="1,2"
    ).unet


def test_the_bound_is_the_sum_of_its_terms_and_told_the_same_again(
    ctx: FolderContext, latent: Latent, pictures: PictureSet
) -> None:
    tokens = tell_tokens(pictures, "classes")
    unet = denoiser(ctx, latent, tokens)
    found = measure_likelihood(unet, latent, ctx, tokens=tokens, levels=9)
    again = measure_likelihood(unet, latent, ctx, tokens=tokens, levels=9)
    figures = dict(found.metrics.figures)
    parts = [figures[name] for name in ("L_T, bits/dim", "sum of L_t, bits/dim", "L_0, bits/dim")]

    assert found == again
    assert figures["bound, bits/dim"] == pytest.approx(sum(parts))
    assert sum(111 * y for _, y in found.terms.points) == pytest.approx(parts[1], rel=1e-6)
    assert [x for x, _ in found.terms.points] == [56 + 111 * k for k in range(9)]
    assert ctx.progressed[-9:] == [(k, 9) for k in range(1, 10)]


def test_what_the_denoiser_needs_to_be_told_is_asked_for_before() -> None:
    assert measure_likelihood.review
    facts: dict[str, Facts] = {"unet": {"width": 32, "concat": "4 channels"}, "latent": {"c": 4}}
    asked = [finding.port for finding in measure_likelihood.review(Inference({}, facts))]

    assert asked == ["tokens", "beside"]


def test_a_throughput_is_measured_on_a_copy(
    ctx: FolderContext, latent: Latent, models: TinyModels
) -> None:
    unet = denoiser(ctx, latent)
    before = measure_likelihood(unet, latent, ctx, levels=3)
    for stage in (models.autoencoder, None):
        found = dict(
            measure_throughput(unet, latent, ctx, stage, batch=2, steps=2, evaluations=2).figures
        )
        assert found["factor f"] == (8 if stage else 1)
        assert found["trained examples a second"] > 0
        assert found["pictures drawn a second"] > 0

    assert measure_throughput.volatile
    assert measure_likelihood(unet, latent, ctx, levels=3) == before
    assert torch.is_grad_enabled()
