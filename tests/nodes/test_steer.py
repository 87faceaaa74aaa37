from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from engine.node import Cancelled, Facts, Inference
from nodes.checkpoints.model_config import ModelConfig
from nodes.checkpoints.model_file import save_model
from nodes.cross_attn_condition import cross_attn_condition
from nodes.dataset_values import TokenSet
from nodes.ldm.classifier_config import ClassifierConfig
from nodes.ldm.noisy_classifier import NoisyClassifier
from nodes.ldm.sampler_facts import SAMPLER_FACTS
from nodes.noise_schedule import noise_schedule
from nodes.steer import classifier_guidance, picture_guidance
from nodes.steer_values import Classifier, Steer
from nodes.training.optimizer import seeded
from nodes.unet_denoise import unet_denoise
from nodes.values import Autoencoder, Image, Latent
from tests.nodes.context import FolderContext
from tests.nodes.tiny import CHANNELS, TinyModels

STEPS = 4
NAMES = ("red", "blue", "green")


@pytest.fixture
def classifier(ctx: FolderContext) -> Classifier:
    config = ClassifierConfig(names=NAMES, channels=CHANNELS, width=16)
    with seeded(3):
        network = NoisyClassifier(config)
    path = ctx.scratch() / "classifier.safetensors"
    about = ModelConfig(title="Tiny classifier", license="MIT", classifier=config)
    save_model(path, {"classifier": network}, about)
    return Classifier(ctx.keep(path))


@pytest.fixture
def picture() -> Image:
    return Image(torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0)))


class Walking:
    """Runs a denoiser of words with whatever a test links."""

    def __init__(self, ctx: FolderContext, models: TinyModels) -> None:
        self.ctx = ctx
        self.given: dict[str, Any] = {
            "unet": models.plain_unet,
            "schedule": noise_schedule(STEPS),
            "latent": Latent(torch.zeros(1, CHANNELS, 4, 4)),
            "cond": cross_attn_condition(models.text_encoder, ctx, "a red sphere"),
        }

    def run(self, **given: Any) -> Tensor:
        return unet_denoise(**{**self.given, "ctx": self.ctx, **given}).data


@pytest.fixture
def walking(ctx: FolderContext, models: TinyModels) -> Walking:
    return Walking(ctx, models)


@pytest.fixture(params=["class", "picture", "both"])
def steer(
    request: pytest.FixtureRequest, classifier: Classifier, models: TinyModels, picture: Image
) -> Steer:
    to_class = classifier_guidance(classifier, index=1, scale=5.0)
    if request.param == "class":
        return to_class
    before = to_class if request.param == "both" else None
    return picture_guidance(models.autoencoder, picture, shrink=4, scale=1.0, steer=before)


def test_what_steers_is_read_back_as_it_was_written(steer: Steer) -> None:
    again = Steer.from_bytes(steer.to_bytes())

    assert again.to_bytes() == steer.to_bytes()
    assert again.facts == steer.facts
    assert [aim.network for aim in again.aims] == [aim.network for aim in steer.aims]
    assert all(torch.equal(a.target, b.target) for a, b in zip(again.aims, steer.aims, strict=True))
    assert [(a.scale, a.shrink, a.grey) for a in again.aims] == [
        (a.scale, a.shrink, a.grey) for a in steer.aims
    ]


def test_a_walk_is_steered_the_same_way_every_time(walking: Walking, steer: Steer) -> None:
    first = walking.run(steer=steer)

    assert torch.isfinite(first).all()
    assert not torch.allclose(first, walking.run())
    assert torch.equal(walking.run(steer=steer), first)
    assert torch.equal(walking.run(steer=steer, ctx=walking.ctx.again()), first)


def test_picture_k_of_a_steered_batch_is_the_one_of_seed_plus_k(
    walking: Walking, steer: Steer
) -> None:
    two = Latent(torch.zeros(2, CHANNELS, 4, 4))
    together = walking.run(steer=steer, latent=two, seed=7)

    assert torch.allclose(together[1:], walking.run(steer=steer, seed=8), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("sampler", SAMPLER_FACTS)
def test_a_steered_walk_goes_on_bit_for_bit(walking: Walking, steer: Steer, sampler: str) -> None:
    expected = walking.run(steer=steer, sampler=sampler)
    stopped = replace(
        walking.ctx, stop_after=2, progressed=[], previews=[], checkpoints={}, resuming=False
    )
    with pytest.raises(Cancelled):
        walking.run(steer=steer, sampler=sampler, ctx=stopped)
    going_on = replace(stopped, stop_after=None, resuming=True, progressed=[])

    assert torch.equal(walking.run(steer=steer, sampler=sampler, ctx=going_on), expected)
    assert going_on.progressed[0][0] > 1


def test_the_classifier_is_surer_of_what_was_steered_to_it(
    walking: Walking, classifier: Classifier
) -> None:
    from nodes.steer_runtime import open_classifier

    network = open_classifier(walking.ctx, classifier)

    def sure(scale: float, index: int) -> float:
        z = walking.run(steer=classifier_guidance(classifier, index=index, scale=scale))
        with torch.no_grad():
            return float(network(z, torch.zeros(1)).softmax(1)[0, index])

    for index in range(len(NAMES)):
        assert sure(2.0, index) > sure(0.0, index)


def test_each_picture_of_a_batch_may_have_its_own_class(
    walking: Walking, classifier: Classifier
) -> None:
    classes = TokenSet(classes=torch.tensor([[2], [0]]))
    latent = Latent(torch.zeros(2, CHANNELS, 4, 4))
    each = walking.run(steer=classifier_guidance(classifier, tokens=classes), latent=latent)
    zero = walking.run(steer=classifier_guidance(classifier, index=0), latent=latent)

    assert torch.allclose(each[1], zero[1], atol=1e-4)
    assert not torch.allclose(each[0], zero[0], atol=1e-4)


def test_scale_zero_and_two_walks_alike(walking: Walking, classifier: Classifier) -> None:
    nothing = classifier_guidance(classifier, scale=0.0)

    assert torch.equal(walking.run(steer=nothing), walking.run())


def test_a_class_that_the_classifier_has_not_is_told(
    walking: Walking, classifier: Classifier
) -> None:
    with pytest.raises(ValueError, match="there is no class 3: the classifier has 3, counted fr"):
        walking.run(steer=classifier_guidance(classifier, index=3))


def test_squares_that_do_not_fill_the_picture_are_refused(
    models: TinyModels, picture: Image
) -> None:
    with pytest.raises(ValueError, match="squares of 5 pixels do not fill 32 x 32"):
        picture_guidance(models.autoencoder, picture, shrink=5)


def messages(check: Any, settings: dict[str, Any], **facts: Facts) -> list[str]:
    return [found.message for found in check(Inference(settings, facts))]


def test_the_check_knows_the_classes() -> None:
    check, few = classifier_guidance.review, {"classes": 3}

    assert messages(check, {"index": 3}, classifier=few) == [
        "there is no class 3: the classifier has 3, counted from 0"
    ]
    assert messages(check, {"index": 2}, classifier=few) == []
    assert messages(check, {"index": 9}, classifier=few, tokens={"told": "classes"}) == []
    assert messages(check, {"index": 0}, classifier=few, tokens={"told": "words"}) == [
        "a classifier knows classes, but these tokens are words"
    ]


def test_the_check_compares_the_picture_with_what_is_drawn() -> None:
    settings = {"guidance": 1.0, "sampler": "ddim", "eta": None, "rescale": 0.0, "tile": 0}
    latent: Facts = {"w": 16, "h": 16, "f": 8, "n": 3}
    check = unet_denoise.review

    assert messages(check, settings, latent=latent, steer={"w": 64, "h": 128, "n": 1}) == [
        "the picture of `steer` is 64 x 128 pixels, but the latent stands for 128 x 128"
    ]
    assert messages(check, settings, latent=latent, steer={"n": 2}) == [
        "`steer` is a batch of 2 but `latent` is a batch of 3"
    ]
    assert messages(check, settings, latent=latent, steer={"w": 128, "h": 128, "n": 1}) == []


def test_an_autoencoder_and_a_classifier_are_told_apart(steer: Steer) -> None:
    again = Steer.from_bytes(steer.to_bytes())

    for aim in again.aims:
        assert isinstance(aim.network, Autoencoder) == (aim.target.ndim == 4)
