"""Invert: a latent walked up and down again is the latent."""

import pytest
import torch

from engine.node import Inference
from nodes.invert import invert
from nodes.ldm.inversion import inverted
from nodes.ldm.sampling import Steering, Walk
from nodes.noise_schedule import noise_schedule, split_schedule
from nodes.runtime import open_unet
from nodes.values import Conditioning, Latent
from tests.nodes.context import FolderContext
from tests.nodes.tiny import CHANNELS, WIDTH, TinyModels


def test_it_walks_up_as_the_inversion_does(models: TinyModels, ctx: FolderContext) -> None:
    generator = torch.Generator().manual_seed(0)
    latent = Latent(torch.randn(2, CHANNELS, 4, 4, generator=generator))
    cond = Conditioning(torch.randn(1, 3, WIDTH, generator=generator))
    part = split_schedule(noise_schedule(steps=4), step=1).second
    up = invert(models.plain_unet, part, latent, ctx, cond, refine=2)
    walk = Walk(part.table(), "eps", part.sigmas, first=1)
    network = open_unet(ctx, models.plain_unet).network
    *_, last = inverted(network, latent.data, Steering(cond.context), walk, 2)

    assert torch.equal(up.data, last.x)
    assert ctx.progressed == [(1, 3), (2, 3), (3, 3)]


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
