from typing import Any

import pytest
import torch

from engine.node import Facts, Inference
from nodes.checkpoints.recognition import read_checkpoint
from nodes.dataset import draw_dataset, encode_dataset
from nodes.dataset_values import PictureSet
from nodes.retrieve import Retrieved, neighbour_condition, tell_neighbours
from nodes.train_diffusion import train_diffusion
from nodes.values import Latent, Scenes
from tests.nodes.context import FolderContext
from tests.nodes.tiny import CHANNELS, TinyModels

WIDTH = 16 * CHANNELS


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> PictureSet:
    ctx = FolderContext(tmp_path_factory.mktemp("drawn"))
    return draw_dataset(Scenes(0, 24, 32, (1, 1)), ctx)


@pytest.fixture
def database(models: TinyModels, pictures: PictureSet, ctx: FolderContext) -> Latent:
    return encode_dataset(models.autoencoder, pictures, ctx.again())


def test_each_picture_is_told_its_neighbours_and_not_itself(database: Latent) -> None:
    told = tell_neighbours(database, database, 3)
    alone = tell_neighbours(Latent(database.data[:1]), database, 3)

    assert told.facts == {"n": 24, "told": "vectors", "width": WIDTH}
    assert told.vectors is not None
    assert alone.vectors is not None
    assert told.vectors.shape == (24, 3, WIDTH)
    assert torch.equal(alone.vectors[0], told.vectors[0])


def test_a_denoiser_is_trained_on_neighbours_and_told_others(
    models: TinyModels, database: Latent, ctx: FolderContext
) -> None:
    small: dict[str, Any] = {"steps": 1, "batch": 2, "width": 16, "channel_mult": "1,2"}
    done = train_diffusion(database, ctx, tell_neighbours(database, database, 2), **small)
    config = read_checkpoint(ctx.blob(done.unet.sha256))[1].config

    assert config.parts == ("unet",)
    assert config.unet is not None
    assert config.unet.context_dim == WIDTH


def asked(database: Latent, **given: Any) -> Retrieved:
    return neighbour_condition(database, **given)


def test_without_a_query_the_database_is_asked_itself(database: Latent) -> None:
    first = asked(database, neighbours=3, batch=2, seed=1)

    assert first.conditioning.context.shape == (2, 3, WIDTH)
    assert first.unconditioned.context.shape == (1, 3, WIDTH)
    assert not first.unconditioned.context.any()
    assert len(first.latent.data) == 6
    again = asked(database, neighbours=3, batch=2, seed=1)
    assert torch.equal(again.conditioning.context, first.conditioning.context)
    other = asked(database, neighbours=3, batch=2, seed=2)
    assert not torch.equal(other.conditioning.context, first.conditioning.context)


def test_a_query_is_told_what_lies_near_it(database: Latent) -> None:
    query = Latent(database.data[4:5] + 1e-3)
    found = asked(database, query=query, neighbours=1)

    assert torch.equal(found.latent.data, database.data[4:5])


def test_training_and_sampling_are_told_the_same(database: Latent) -> None:
    trained = tell_neighbours(Latent(database.data[:2]), database, 3).vectors
    sampled = asked(database, query=Latent(database.data[:2]), neighbours=3).conditioning.context

    assert trained is not None
    assert torch.equal(trained, sampled)


@pytest.mark.parametrize("check", [tell_neighbours.review, neighbour_condition.review])
def test_a_database_that_is_too_small_is_told_before_anything_runs(check: Any) -> None:
    facts: dict[str, Facts] = {"database": {"n": 3}}
    (found,) = check(Inference({"neighbours": 4}, facts))

    assert found.message == "the database has 3 pictures, too few for 4 neighbours"
    assert not list(check(Inference({"neighbours": 3}, facts)))
