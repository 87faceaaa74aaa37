from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from engine.node import Cancelled, Inference
from nodes.checkpoints.model_config import read_model_config
from nodes.checkpoints.model_file import load_classifier
from nodes.dataset import draw_dataset, encode_dataset, tell_tokens
from nodes.dataset_values import PictureSet, TokenSet
from nodes.train_classifier import TrainedClassifier, train_classifier
from nodes.values import Latent, Scenes
from tests.nodes.context import FolderContext
from tests.nodes.tiny import CHANNELS, TinyModels

STEPS = 4


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> PictureSet:
    ctx = FolderContext(tmp_path_factory.mktemp("drawn"))
    return draw_dataset(Scenes(0, 6, 32, (1, 1)), ctx)


@pytest.fixture
def latent(models: TinyModels, pictures: PictureSet, ctx: FolderContext) -> Latent:
    return encode_dataset(models.autoencoder, pictures, ctx.again())


@pytest.fixture
def tokens(pictures: PictureSet) -> TokenSet:
    return tell_tokens(pictures, "classes")


def trained(
    ctx: FolderContext, latent: Latent, tokens: TokenSet, **given: Any
) -> TrainedClassifier:
    return train_classifier(
        latent, tokens, ctx, **{"steps": STEPS, "batch": 2, "width": 16, **given}
    )


def test_a_trained_classifier_knows_the_names_of_its_classes(
    ctx: FolderContext, latent: Latent, tokens: TokenSet
) -> None:
    done = trained(ctx, latent, tokens)
    path = ctx.blob(done.classifier.sha256)
    config = read_model_config(path).classifier

    assert config is not None
    assert config.names == tokens.names
    assert config.channels == CHANNELS
    scores = load_classifier(path)(latent.data, torch.full((6,), 10.0))
    assert scores.shape == (6, len(tokens.names))
    assert ctx.progressed == [(k, STEPS) for k in range(1, STEPS + 1)]


def test_a_cancelled_training_goes_on_bit_for_bit(
    ctx: FolderContext, latent: Latent, tokens: TokenSet
) -> None:
    straight = trained(ctx, latent, tokens)
    killed = FolderContext(ctx.folder / "killed", ctx.inputs, stop_after=1)
    with pytest.raises(Cancelled):
        trained(killed, latent, tokens)

    assert len(load_file(killed.scratch() / "checkpoint.safetensors")["losses"]) == 2
    assert trained(killed.again(), latent, tokens) == straight


def test_the_loss_falls_to_what_two_classes_need(ctx: FolderContext) -> None:
    """Two classes that lie far apart are told apart at most noise levels."""
    sign = torch.tensor([1.0, -1.0]).repeat(8)
    latent = Latent(2 * sign[:, None, None, None].expand(16, 4, 8, 8))
    tokens = TokenSet(
        classes=(sign < 0).long()[:, None],
        vocabulary=torch.tensor(list(b"plus\nminus"), dtype=torch.uint8),
    )
    losses = trained(ctx, latent, tokens, steps=40, batch=16, lr=3e-3).curve.losses

    assert sum(losses[:5]) / 5 > 0.5
    assert sum(losses[-5:]) / 5 < 0.3


@pytest.mark.parametrize("told", ["words", "boxes"])
def test_a_classifier_is_not_trained_on_anything_but_classes(
    ctx: FolderContext, latent: Latent, pictures: PictureSet, told: Any
) -> None:
    with pytest.raises(ValueError, match=f"a classifier needs one class for each of 6 lat.*{told}"):
        trained(ctx, latent, tell_tokens(pictures, told))
    assert train_classifier.review
    (found,) = train_classifier.review(Inference({"width": 16}, {"tokens": {"told": told}}))
    assert found.message == f"a classifier knows classes, but these tokens are {told}"
