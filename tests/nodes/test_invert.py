"""Invert: a latent walked up and down again is the latent."""

import pytest
import torch

from engine.node import Inference
from nodes.invert import invert
from nodes.noise_schedule import noise_schedule, split_schedule
from nodes.unet_denoise import unet_denoise
from nodes.values import Conditioning, Latent
from tests.nodes.context import FolderContext
from tests.nodes.tiny import CHANNELS, WIDTH, TinyModels


def test_up_and_down_again_is_where_it_began(models: TinyModels, ctx: FolderContext) -> None:
    generator = torch.Generator().manual_seed(0)
    latent = Latent(torch.randn(2, CHANNELS, 4, 4, generator=generator))
    cond = Conditioning(torch.randn(1, 3, WIDTH, generator=generator))
    part = split_schedule(noise_schedule(steps=20), step=1).second
    errors = []
    for refine in (0, 5):
        up = invert(models.plain_unet, part, latent, ctx, cond, refine=refine)
        down = unet_denoise(models.plain_unet, part, up, ctx, cond, sampler="ddim")
        errors.append(float((down.data - latent.data).abs().max()))

    assert ctx.progressed[18] == (19, 19)
    assert errors[1] < errors[0] / 3
    assert errors[1] < 0.02


def test_a_whole_walk_is_refused_before_and_at_the_run(
    models: TinyModels, ctx: FolderContext
) -> None:
    latent, schedule = Latent(torch.zeros(1, CHANNELS, 4, 4)), noise_schedule(steps=4)
    assert invert.review
    (finding,) = invert.review(
        Inference({"guidance": 1.0, "tile": 0}, {"schedule": schedule.facts})
    )

    assert finding.code == "whole-walk"
    with pytest.raises(ValueError, match="SplitSchedule"):
        invert(models.plain_unet, schedule, latent, ctx)


def test_guidance_needs_something_to_point_away_from() -> None:
    assert invert.review
    (finding,) = invert.review(Inference({"guidance": 2.0, "tile": 0}, {"schedule": {"first": 1}}))

    assert (finding.port, finding.code) == ("uncond", "missing-input")
