from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from engine.disk import file_sha256
from engine.node import Cancelled, FileRef
from nodes.checkpoints.header import read_header
from nodes.checkpoints.model_config import read_model_config
from nodes.checkpoints.model_file import load_autoencoder, load_text_encoder, load_unet
from nodes.dataset import draw_dataset
from nodes.load import Model, load_model, save_model
from nodes.train_denoiser import continue_inpainting, encode_scenes, train_inpainting
from nodes.train_first_stage import refine_decoder, train_autoencoder
from nodes.train_judge import train_judge
from nodes.training.words import WORDS
from nodes.training_rules import multiples
from nodes.values import Curve, ModelPart, Scenes, TrainingLatents
from tests.nodes.context import FolderContext
from tests.nodes.tiny import CHANNELS, TinyModels

STEPS = 6
SCENES = Scenes(0, 4, 32, (1, 2))


@dataclass(frozen=True)
class Training:
    """One training node at a tiny size."""

    node: Callable[..., Any]
    given: dict[str, Any]

    def __call__(self, ctx: FolderContext, **changed: Any) -> tuple[ModelPart, Curve]:
        trained = self.node(ctx=ctx, steps=STEPS, **{**self.given, **changed})
        return trained[0], trained.curve


def examples() -> TrainingLatents:
    generator = torch.Generator().manual_seed(0)
    z, masked = torch.randn(2, 4, CHANNELS, 4, 4, generator=generator).half()
    mask = (torch.rand(4, 1, 4, 4, generator=generator) < 0.5).half()
    tokens = torch.randint(2, 9, (4, 28), generator=generator)
    return TrainingLatents(z, masked, mask, tokens)


def trainings(models: TinyModels) -> dict[str, Training]:
    scenes = {"scenes": SCENES, "batch": 2}
    stage = {"crop": 16, "width": 8, "channels": 3, "levels": 3}
    denoiser = {"width": 32, "channel_mult": "1,2", "context_width": 16, "batch": 2}
    codebook = {"regularizer": "vq", "codes": 32}
    return {
        "autoencoder": Training(train_autoencoder, {**scenes, **stage}),
        "codebook": Training(train_autoencoder, {**scenes, **stage, **codebook}),
        "decoder": Training(
            refine_decoder, {**scenes, "crop": 16, "autoencoder": models.autoencoder}
        ),
        "inpainting": Training(train_inpainting, {"examples": examples(), **denoiser}),
        "further": Training(
            continue_inpainting,
            {"examples": examples(), "unet": models.unet, "batch": 2, "seed": 0},
        ),
        "judge": Training(train_judge, scenes),
    }


@pytest.fixture(params=["autoencoder", "codebook", "decoder", "inpainting", "further", "judge"])
def training(request: pytest.FixtureRequest, models: TinyModels) -> Training:
    return trainings(models)[request.param]


def opened(ctx: FolderContext, part: ModelPart) -> Model:
    path = ctx.blob(part.sha256)
    return load_model(FileRef(path.name, file_sha256(path), path))


def test_each_step_adds_its_loss_to_the_curve(training: Training, ctx: FolderContext) -> None:
    _, curve = training(ctx)

    assert len(curve.losses) == STEPS
    assert all(loss > 0 for loss in curve.losses)
    assert ctx.progressed[-STEPS:] == [(k, STEPS) for k in range(1, STEPS + 1)]
    assert [figures["loss"] for figures in ctx.figures[-STEPS:]] == list(curve.losses)


def test_what_was_trained_is_a_model_file_that_loads_and_saves(
    training: Training, ctx: FolderContext
) -> None:
    part, _ = training(ctx)
    model = opened(ctx, part)
    loaded = next(other for other in model if type(other) is type(part))
    name = {"Autoencoder": "autoencoder", "UNet": "unet", "Judge": "judge"}[type(part).__name__]
    save_model(ctx, name="mine", **{name: part})  # type: ignore[arg-type]
    config = read_model_config(ctx.blob(part.sha256))

    assert loaded == part
    assert (ctx.folder / "output" / "mine.safetensors").read_bytes() == ctx.blob(
        part.sha256
    ).read_bytes()
    assert config.license == "MIT"
    assert config.training["steps"] == STEPS
    assert config.training["seed"] == 0
    for path in ctx.folder.rglob("*"):  # checkpoints too are safetensors, never pickles
        assert path.is_dir() or load_file(path)


def test_the_seed_decides_the_model_bit_for_bit(training: Training, ctx: FolderContext) -> None:
    torch.manual_seed(1)
    first = training(ctx)
    torch.manual_seed(2)
    elsewhere = FolderContext(ctx.folder / "elsewhere", ctx.inputs)

    assert training(elsewhere) == first
    assert training(FolderContext(ctx.folder / "other", ctx.inputs), seed=1) != first


def test_a_cancelled_run_keeps_its_checkpoint_and_goes_on_from_it(
    training: Training, ctx: FolderContext
) -> None:
    """Six steps, against three, a cancellation, and three more in a new process."""
    straight = training(ctx)
    drawing = len(ctx.progressed) - STEPS  # reports before the first step
    killed = FolderContext(ctx.folder / "killed", ctx.inputs, stop_after=drawing + 2)
    with pytest.raises(Cancelled):
        training(killed)
    checkpoint = killed.scratch() / "checkpoint.safetensors"
    resumed = killed.again()

    assert len(load_file(checkpoint)["losses"]) == 3
    assert not (killed.folder / "store").exists()
    assert training(resumed) == straight
    assert resumed.progressed[-3:] == [(4, STEPS), (5, STEPS), (6, STEPS)]
    assert len(resumed.progressed) == drawing + 3


@pytest.mark.parametrize("data", [b"", b"\x80\x04pickled", b"\x02\0\0\0\0\0\0\0{}"])
def test_a_damaged_checkpoint_is_answered_in_one_sentence(
    models: TinyModels, ctx: FolderContext, data: bytes
) -> None:
    training = trainings(models)["judge"]
    path = ctx.scratch() / "checkpoint.safetensors"
    path.write_bytes(data)
    with pytest.raises(ValueError, match="is damaged or of another training; delete it") as e:
        training(ctx)
    path.unlink()

    assert "\n" not in str(e.value)
    assert len(training(ctx)[1].losses) == STEPS


def test_the_first_stage_has_the_shape_that_was_asked_for(
    ctx: FolderContext, models: TinyModels
) -> None:
    part, _ = trainings(models)["autoencoder"](ctx)
    network = load_autoencoder(ctx.blob(part.sha256))

    assert opened(ctx, part).autoencoder == part
    assert (network.config.embed_dim, network.config.factor, network.config.ch) == (3, 4, 8)
    assert network.config.scale_factor != 1


def test_a_codebook_is_spread_over_the_latents(ctx: FolderContext, models: TinyModels) -> None:
    """A fresh one lies within 1/32 of zero; codes that nothing used were set on latents."""
    part, _ = trainings(models)["codebook"](ctx)
    network = load_autoencoder(ctx.blob(part.sha256))

    assert network.config.regularizer == "vq"
    assert network.quantize.embedding.weight.shape == (32, 3)
    assert network.quantize.embedding.weight.abs().max() > 2 / 32


def test_refining_keeps_the_encoder_and_its_scale(ctx: FolderContext, models: TinyModels) -> None:
    part, _ = trainings(models)["decoder"](ctx)
    before = load_autoencoder(models.file("autoencoder").path)
    after = load_autoencoder(ctx.blob(part.sha256))
    changed = {
        name
        for name, weight in after.state_dict().items()
        if not torch.equal(weight, before.state_dict()[name])
    }

    assert after.config == before.config
    assert part.sha256 != models.autoencoder.sha256
    assert {name.split(".")[0] for name in changed} == {"decoder", "post_quant_conv"}


def test_a_denoiser_comes_with_its_text_encoder_in_half_precision(
    ctx: FolderContext, models: TinyModels
) -> None:
    training = trainings(models)["inpainting"]
    trained = train_inpainting(ctx=ctx, steps=2, **training.given)
    path = ctx.blob(trained.unet.sha256)

    assert trained.text_encoder.sha256 == trained.unet.sha256
    assert load_unet(path).config.in_channels == 2 * CHANNELS + 1
    assert load_text_encoder(path).config.words == WORDS
    assert {info.dtype for info in read_header(path).tensors.values()} == {"F16"}


def test_training_further_begins_with_the_weights_it_was_given(
    ctx: FolderContext, models: TinyModels
) -> None:
    trained = continue_inpainting(models.unet, examples(), ctx, steps=1, batch=2, lr=1e-7)
    before, after = (
        load_unet(ctx.blob(models.unet.sha256)),
        load_unet(ctx.blob(trained.unet.sha256)),
    )

    assert after.config == before.config
    for name, weight in after.state_dict().items():
        assert torch.allclose(weight, before.state_dict()[name], atol=1e-3)  # stored as float16


def test_scenes_are_encoded_for_training(ctx: FolderContext, models: TinyModels) -> None:
    pool = encode_scenes(models.autoencoder, SCENES, ctx)

    assert pool.latent.shape == (4, CHANNELS, 4, 4)
    assert encode_scenes(models.autoencoder, SCENES, ctx.again()).to_bytes() == pool.to_bytes()
    assert ctx.progressed == [(4, 4)]


def test_a_first_stage_learns_from_a_dataset_as_from_the_scenes_in_it(ctx: FolderContext) -> None:
    given: dict[str, Any] = {"steps": 2, "batch": 2, "crop": 16, "width": 8, "levels": 2}
    pictures = draw_dataset(SCENES, ctx)
    of_scenes = train_autoencoder(ctx, SCENES, **given)
    of_pictures = train_autoencoder(FolderContext(ctx.folder / "other"), pictures=pictures, **given)

    assert of_scenes.curve == of_pictures.curve
    with pytest.raises(ValueError, match="either `scenes` or `pictures`"):
        train_autoencoder(ctx, SCENES, pictures, **given)


def test_a_window_larger_than_the_scenes_is_refused(ctx: FolderContext) -> None:
    with pytest.raises(ValueError, match="`crop` is 64; set a multiple of the factor 8 up to 32"):
        train_autoencoder(ctx, SCENES, steps=1, crop=64)


def test_multiples_are_read_from_text() -> None:
    assert multiples("1,2,3") == (1, 2, 3)
    assert multiples(" 4 ") == (4,)


@pytest.mark.parametrize("text", ["", "1,,2", "1;2", "0,1", "-1", "a", "1.5"])
def test_multiples_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(
        ValueError, match=r"`channel_mult` is .*; expected whole numbers like 1,2,3"
    ):
        multiples(text)
