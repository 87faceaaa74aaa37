from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from engine.node import Cancelled
from nodes.checkpoints.model_config import read_model_config
from nodes.checkpoints.model_file import load_unet
from nodes.cross_attn_condition import concat_condition
from nodes.dataset import draw_dataset, encode_dataset, tell_beside, tell_tokens
from nodes.dataset_values import BesideSet, PictureSet, TokenSet
from nodes.encode import encode
from nodes.image import mask_image
from nodes.train_diffusion import TrainedDiffusion, train_diffusion
from nodes.training.holes import any_hole
from nodes.values import Image, Latent, Mask, Scenes
from tests.nodes.context import FolderContext
from tests.nodes.tiny import CHANNELS, TinyModels

STEPS = 4
SMALL: dict[str, Any] = {"batch": 2, "width": 16, "channel_mult": "1,2", "context_width": 16}
KINDS = ["nothing", "words", "boxes", "classes", "labels", "low resolution", "grey", "hole"]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> PictureSet:
    ctx = FolderContext(tmp_path_factory.mktemp("drawn"))
    return draw_dataset(Scenes(0, 6, 32, (1, 1)), ctx)


@pytest.fixture
def latent(models: TinyModels, pictures: PictureSet, ctx: FolderContext) -> Latent:
    return encode_dataset(models.autoencoder, pictures, ctx.again())


@pytest.fixture(params=KINDS)
def told(
    request: pytest.FixtureRequest, models: TinyModels, pictures: PictureSet, ctx: FolderContext
) -> dict[str, TokenSet | BesideSet]:
    kind = request.param
    if kind == "nothing":
        return {}
    if kind in ("words", "boxes", "classes"):
        return {"tokens": tell_tokens(pictures, kind)}
    return {"beside": tell_beside(pictures, models.autoencoder, ctx.again(), kind)}


def trained(ctx: FolderContext, latent: Latent, **given: Any) -> TrainedDiffusion:
    return train_diffusion(latent, ctx, **{"steps": STEPS, **SMALL, **given})


def test_one_node_trains_a_denoiser_for_every_condition(
    ctx: FolderContext, latent: Latent, told: dict[str, Any]
) -> None:
    done = trained(ctx, latent, **told)
    path = ctx.blob(done.unet.sha256)
    config = read_model_config(path)
    unet = load_unet(path).config

    assert len(done.curve.losses) == STEPS
    assert unet.out_channels == CHANNELS
    assert (unet.context_dim is None) == ("tokens" not in told)
    beside = told.get("beside")
    assert unet.in_channels == CHANNELS + (beside.facts["channels"] if beside else 0)
    assert set(config.parts) >= {"unet"}
    assert ctx.progressed[-STEPS:] == [(k, STEPS) for k in range(1, STEPS + 1)]


def test_a_cancelled_training_goes_on_bit_for_bit(
    ctx: FolderContext, latent: Latent, told: dict[str, Any]
) -> None:
    straight = trained(ctx, latent, **told)
    killed = FolderContext(ctx.folder / "killed", ctx.inputs, stop_after=1)
    with pytest.raises(Cancelled):
        trained(killed, latent, **told)

    assert len(load_file(killed.scratch() / "checkpoint.safetensors")["losses"]) == 2
    assert trained(killed.again(), latent, **told) == straight


@pytest.mark.parametrize("objective", ["eps", "v", "x0"])
@pytest.mark.parametrize("loss", ["l1", "l2"])
def test_the_objective_is_kept_with_the_model(
    ctx: FolderContext, latent: Latent, objective: str, loss: str
) -> None:
    done = trained(ctx, latent, objective=objective, loss=loss, min_snr=5.0)
    schedule = read_model_config(ctx.blob(done.unet.sha256)).schedule

    assert schedule is not None
    assert schedule.prediction == done.unet.prediction == objective


def test_accumulated_batches_are_one_step_of_a_larger_batch(
    ctx: FolderContext, latent: Latent
) -> None:
    once = trained(ctx, latent, batch=2, accumulate=3)

    assert len(once.curve.losses) == STEPS
    assert once != trained(FolderContext(ctx.folder / "b", ctx.inputs), latent, batch=2)


def test_a_training_shows_how_far_it_is(
    ctx: FolderContext, latent: Latent, models: TinyModels, told: dict[str, Any]
) -> None:
    trained(ctx, latent, steps=100, autoencoder=models.autoencoder, **told)

    assert len(ctx.previews) == 1


def test_a_training_that_diverges_stops_with_a_sentence(ctx: FolderContext, latent: Latent) -> None:
    broken = Latent(torch.full_like(latent.data, torch.nan))
    with pytest.raises(ValueError, match="the loss became nan at step 1, so the training was st"):
        trained(ctx, broken)


def test_a_training_begins_with_the_weights_it_is_given(
    ctx: FolderContext, latent: Latent, models: TinyModels, pictures: PictureSet
) -> None:
    told = {"tokens": tell_tokens(pictures, "words")}
    done = trained(ctx, latent, steps=1, lr=1e-7, start=models.unet, **told)
    before, after = (load_unet(ctx.blob(p.sha256)) for p in (models.unet, done.unet))

    assert before.config.in_channels == 2 * CHANNELS + 1
    assert after.config.in_channels == CHANNELS
    old, new = before.state_dict(), after.state_dict()
    first = "input_blocks.0.0.weight"
    assert torch.allclose(new[first], old[first][:, :CHANNELS], atol=1e-3)
    assert torch.allclose(new["out.2.weight"], old["out.2.weight"], atol=1e-3)


def test_pictures_of_several_objects_have_no_class(ctx: FolderContext) -> None:
    several = draw_dataset(Scenes(0, 2, 32, (2, 2)), ctx)
    with pytest.raises(ValueError, match="2 of 2 pictures have no class, the first is picture 0"):
        tell_tokens(several, "classes")


def test_what_is_told_must_be_of_the_same_pictures(
    ctx: FolderContext, latent: Latent, pictures: PictureSet
) -> None:
    half = PictureSet(pictures.pictures[:3], None, None)
    with pytest.raises(ValueError, match="`tokens` tells of 3 pictures, but there are 6 latents"):
        trained(ctx, latent, tokens=tell_tokens(half, "words"))


def test_a_hole_lies_beside_the_latent_as_it_does_when_a_picture_is_inpainted(
    models: TinyModels, pictures: PictureSet, ctx: FolderContext
) -> None:
    beside = tell_beside(pictures, models.autoencoder, ctx, "hole")
    mask = Mask(torch.stack([any_hole(k, 32) for k in range(6)]))
    picture = Image(pictures.pictures.float() / 255)
    masked = encode(models.autoencoder, mask_image(picture, mask), ctx)
    expected = concat_condition(masked, mask).channels

    assert beside.rows.shape == expected.shape
    assert torch.allclose(beside.rows.float(), expected, atol=2e-3)  # kept as float16
