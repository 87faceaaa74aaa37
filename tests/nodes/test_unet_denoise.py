import io
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
import torch
from PIL import Image as Picture
from torch import Tensor

from engine.node import Cancelled, Facts, Inference, Snapshot
from nodes.cross_attn_condition import cross_attn_condition
from nodes.ldm.sampler_facts import SAMPLER_FACTS
from nodes.noise_schedule import noise_schedule
from nodes.noise_source import noise_source
from nodes.unet_denoise import unet_denoise
from nodes.values import Concat, Conditioning, Latent
from tests.nodes.context import FolderContext
from tests.nodes.tiny import CHANNELS, TinyModels

STEPS = 3


class Denoising:
    """Runs the inpainting denoiser with everything linked but what a test changes."""

    def __init__(self, ctx: FolderContext, models: TinyModels) -> None:
        self.ctx, self.models = ctx, models
        self.cond = self.words("a red sphere")
        self.uncond = self.words("")
        self.concat = Concat(noise(1, 1 + CHANNELS))

    def words(self, prompt: str) -> Conditioning:
        return cross_attn_condition(self.models.text_encoder, self.ctx, prompt)

    def run(self, latent: Tensor | None = None, **changed: Any) -> Tensor:
        given = {
            "unet": self.models.unet,
            "schedule": noise_schedule(STEPS),
            "latent": Latent(torch.zeros(1, CHANNELS, 4, 4) if latent is None else latent),
            "cond": self.cond,
            "ctx": self.ctx,
            "uncond": self.uncond,
            "concat": self.concat,
            "guidance": 2.0,
            **changed,
        }
        return unet_denoise(**given).data


def noise(batch: int, channels: int = CHANNELS) -> Tensor:
    return torch.randn(batch, channels, 4, 4, generator=torch.Generator().manual_seed(batch))


@pytest.fixture
def denoising(ctx: FolderContext, models: TinyModels) -> Denoising:
    return Denoising(ctx, models)


def check(
    guidance: float | None = 1.0, sampler: str = "ddim", eta: float | None = None, **facts: Facts
) -> list[str]:
    assert unet_denoise.review
    settings = {"guidance": guidance, "sampler": sampler, "eta": eta, "rescale": 0.0, "tile": 0}
    return [found.message for found in unet_denoise.review(Inference(settings, facts))]


@pytest.mark.parametrize("sampler", SAMPLER_FACTS)
def test_picture_k_of_a_batch_is_the_single_picture_of_seed_plus_k(
    denoising: Denoising, sampler: str
) -> None:
    """To 1e-4 of values near 1: convolutions of another batch size add in another order."""
    together = denoising.run(torch.zeros(2, CHANNELS, 4, 4), seed=40, sampler=sampler)

    for k in range(2):
        alone = denoising.run(seed=40 + k, sampler=sampler)
        assert torch.allclose(together[k : k + 1], alone, rtol=1e-4, atol=1e-4)
    assert all(not torch.allclose(a, b, atol=1e-2) for a, b in pairwise(together))


@pytest.mark.parametrize("sampler", SAMPLER_FACTS)
def test_the_same_seed_gives_the_same_bits(denoising: Denoising, sampler: str) -> None:
    first = denoising.run(seed=7, sampler=sampler)
    torch.manual_seed(123)
    denoising.run(noise(2), seed=8, guidance=5.0)  # earlier runs leave nothing behind

    assert torch.equal(denoising.run(seed=7, sampler=sampler), first)
    assert torch.equal(denoising.run(seed=7, sampler=sampler, ctx=denoising.ctx.again()), first)
    assert not torch.equal(denoising.run(seed=8, sampler=sampler), first)


def test_the_samplers_differ_as_they_should(denoising: Denoising) -> None:
    ddim = denoising.run()

    assert torch.isfinite(ddim).all()
    assert torch.equal(denoising.run(sampler="euler"), ddim)
    assert torch.equal(denoising.run(eta=1.0), denoising.run(sampler="ddpm"))
    assert not torch.allclose(denoising.run(sampler="ddpm"), ddim, atol=1e-2)
    assert torch.equal(denoising.run(sampler="euler", eta=1.0), ddim)


def test_without_guidance_uncond_does_not_matter(denoising: Denoising) -> None:
    alone = denoising.run(guidance=1.0, uncond=None)

    assert torch.equal(denoising.run(guidance=1.0), alone)
    assert torch.equal(denoising.run(guidance=1.0, uncond=denoising.words("snow")), alone)


def test_guidance_points_away_from_uncond(denoising: Denoising) -> None:
    guided = denoising.run(guidance=3.0)

    assert not torch.equal(denoising.run(guidance=1.0), guided)
    assert not torch.equal(denoising.run(guidance=3.0, uncond=denoising.words("snow")), guided)
    same = denoising.run(guidance=3.0, uncond=denoising.cond)
    assert torch.allclose(same, denoising.run(guidance=1.0), rtol=1e-4, atol=1e-4)


def test_what_is_linked_reaches_the_network(denoising: Denoising) -> None:
    first = denoising.run()

    assert not torch.equal(denoising.run(cond=denoising.words("a blue cube")), first)
    assert not torch.equal(denoising.run(concat=Concat(noise(2, 1 + CHANNELS)[:1])), first)


def test_strength_zero_returns_the_latent(denoising: Denoising) -> None:
    latent = noise(2)
    back = denoising.run(latent, schedule=noise_schedule(STEPS, strength=0.0))

    assert torch.equal(back, latent)
    assert denoising.ctx.progressed == []


def test_at_strength_one_only_the_latents_shape_counts(denoising: Denoising) -> None:
    assert torch.equal(denoising.run(noise(2)), denoising.run(torch.zeros(2, CHANNELS, 4, 4)))


def test_below_strength_one_the_latent_shows_through(denoising: Denoising) -> None:
    half = noise_schedule(STEPS, strength=0.5)
    weak = noise_schedule(100, strength=0.01)
    latent = noise(1)

    assert not torch.equal(
        denoising.run(latent, schedule=half), denoising.run(0 * latent, schedule=half)
    )
    assert float((denoising.run(latent, schedule=weak) - latent).std()) < 0.2


def test_progress_and_a_preview_come_with_each_step(denoising: Denoising) -> None:
    result = denoising.run()
    previews = denoising.ctx.previews

    assert denoising.ctx.progressed == [(1, STEPS), (2, STEPS), (3, STEPS)]
    assert [type(value) for value in previews] == [Snapshot] * STEPS
    last = previews[-1]
    assert isinstance(last, Snapshot)
    assert last.mime == "image/png"
    with Picture.open(io.BytesIO(last.data)) as shown:
        assert shown.size == (result.shape[-1], result.shape[-2])


def test_a_cancelled_run_stops_between_steps_and_leaves_nothing(denoising: Denoising) -> None:
    expected = denoising.run()
    stopped = replace(denoising.ctx, stop_after=2, progressed=[], previews=[])
    before = sorted(stopped.folder.rglob("*"))
    with pytest.raises(Cancelled):
        denoising.run(ctx=stopped)

    assert stopped.progressed == [(1, STEPS), (2, STEPS)]
    assert sorted(stopped.folder.rglob("*")) == before
    assert torch.equal(denoising.run(ctx=replace(stopped, stop_after=None)), expected)


def test_a_denoiser_without_concat_runs_with_cond_alone(denoising: Denoising) -> None:
    plain = denoising.run(
        unet=denoising.models.plain_unet, concat=None, uncond=None, guidance=1.0, seed=3
    )

    assert torch.isfinite(plain).all()


def test_the_shape_of_the_latent_is_kept(denoising: Denoising) -> None:
    concat = Concat(torch.zeros(1, 1 + CHANNELS, 2, 6))

    assert denoising.run(torch.zeros(2, CHANNELS, 2, 6), concat=concat).shape == (2, CHANNELS, 2, 6)


def test_batches_that_do_not_go_together_are_refused() -> None:
    (found,) = check(latent={"n": 3}, unet={"concat": "5 channels"}, concat={"n": 2})

    assert found == "`concat` is a batch of 2 but `latent` is a batch of 3"
    assert check(latent={"n": 3}, unet={"concat": "5 channels"}, concat={"n": 1}) == []


def test_guidance_that_turns_up_without_uncond_is_refused_at_run_time(denoising: Denoising) -> None:
    with pytest.raises(ValueError, match="guidance is 2 but `uncond` is not linked"):
        denoising.run(uncond=None)


def test_the_check_refuses_guidance_without_uncond() -> None:
    assert check(1.0) == []
    assert check(2.0, uncond={}) == []
    assert check(None) == []

    assert check(7.5) == ["guidance is 7.5 but `uncond` is not linked"]


def test_the_check_refuses_a_missing_concat() -> None:
    assert check(unet={"concat": "5 channels"}, concat={}) == []
    assert check(unet={}) == []

    assert check(unet={"concat": "5 channels"}) == [
        "this UNet expects 5 channels beside the latent"
    ]


def test_the_check_refuses_a_concat_that_the_network_does_not_take() -> None:
    assert check(unet={"concat": "none"}) == []

    (found,) = check(unet={"concat": "none"}, concat={})
    assert "takes no concat conditioning but `concat` is linked" in found

    (found,) = check(unet={"concat": "5 channels"}, concat={"channels": 9})
    assert found == "this UNet expects 5 channels beside the latent, not 9"


def test_the_check_refuses_cells_that_the_levels_cannot_halve() -> None:
    assert check(unet={"stride": 4}, latent={"h": 8, "w": 12, "f": 8}) == []

    (found,) = check(unet={"stride": 4}, latent={"h": 8, "w": 13, "f": 8})
    assert found == "the latent has 13 x 8 cells, but this UNet needs multiples of 4"


def test_the_check_refuses_a_vector_that_differs_from_the_networks() -> None:
    told: Facts = {"vector": 2816}
    assert check(unet={"vector": "a vector of 2816"}, cond=told, uncond=told) == []
    assert check(unet={"vector": "none"}, cond={"vector": "none"}) == []
    assert check(unet={"vector": "a vector of 2816"}, cond={}) == []

    assert check(unet={"vector": "a vector of 2816"}, cond={"vector": "none"}) == [
        "this UNet is told a vector of 2816, but `cond` carries none"
    ]
    assert check(unet={"vector": "none"}, uncond=told) == [
        "this UNet is told nothing but tokens, but `uncond` carries a vector of 2816"
    ]


def test_every_sampler_can_be_chosen() -> None:
    assert unet_denoise.inputs["sampler"].choices == tuple(SAMPLER_FACTS)


@pytest.mark.parametrize("sampler", SAMPLER_FACTS)
def test_a_stopped_walk_goes_on_to_the_same_bits(denoising: Denoising, sampler: str) -> None:
    expected = denoising.run(sampler=sampler, schedule=noise_schedule(6))
    stopped = replace(denoising.ctx, stop_after=3, progressed=[], previews=[], checkpoints={})
    with pytest.raises(Cancelled):
        denoising.run(sampler=sampler, schedule=noise_schedule(6), ctx=stopped)
    going_on = replace(stopped, stop_after=None, resuming=True, progressed=[])
    again = denoising.run(sampler=sampler, schedule=noise_schedule(6), ctx=going_on)

    assert torch.equal(again, expected)
    assert [done for done, _ in going_on.progressed] == [5, 6]


def test_a_linked_noise_starts_where_another_program_does(denoising: Denoising) -> None:
    """A step this short leaves x what it was: the noise, scaled."""
    shape = (2, CHANNELS, 4, 4)
    foreign = torch.randn(shape, generator=torch.Generator("cpu").manual_seed(5))
    schedule = replace(noise_schedule(2), sigmas=(100.0, 99.999))
    x = denoising.run(
        torch.zeros(shape), schedule=schedule, seed=5, noise=noise_source("diffusers")
    )

    assert torch.allclose(x / 100, foreign, atol=1e-3)
    assert not torch.allclose(denoising.run(torch.zeros(shape), schedule=schedule, seed=5), x)


def test_rescale_brings_the_spread_back(denoising: Denoising) -> None:
    strong = denoising.run(guidance=20.0)

    assert not torch.equal(denoising.run(guidance=20.0, rescale=0.7), strong)
    assert torch.equal(denoising.run(guidance=1.0, rescale=0.7), denoising.run(guidance=1.0))
