from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.distributions import Normal, kl_divergence

from nodes.ldm.autoencoder import Autoencoder
from nodes.ldm.config import AutoencoderConfig
from nodes.training.first_stage import (
    FirstStageLoss,
    decoder_trainer,
    finished_first_stage,
    first_stage_loss,
    first_stage_trainer,
    initialised,
    kl_to_unit_gaussian,
    latent_scale,
    reconstruction_loss,
)
from nodes.training.optimizer import Recipe, seeded, step_generator
from nodes.training.pool import ScenePool, draw_pool

TINY = AutoencoderConfig(
    ch=8,
    ch_mult=(1, 1, 2),
    num_res_blocks=1,
    z_channels=3,
    embed_dim=3,
    mid_attention=False,
    norm_groups=8,
)
ONLY_L2 = FirstStageLoss(l2=1.0, l1=0.0, gradient=0.0)
ONLY_L1 = FirstStageLoss(l2=0.0, l1=1.0, gradient=0.0)
ONLY_GRADIENT = FirstStageLoss(l2=0.0, l1=0.0, gradient=1.0)


@pytest.fixture(scope="module")
def pool() -> ScenePool:
    return draw_pool(0, 4, 32)


def tiny() -> Autoencoder:
    with seeded(0):
        return initialised(Autoencoder(TINY))


def trainer_steps(recipe: Recipe, pool: ScenePool, folder: Path) -> list[float]:
    trainer = first_stage_trainer(
        TINY, recipe, pool, 32, FirstStageLoss(), torch.device("cpu"), folder
    )
    return [step.loss for step in trainer.train()]


def test_the_kl_term_is_the_textbook_one() -> None:
    mean, log_std = torch.randn(2, 5, 3, 4, 4, dtype=torch.float64)
    std = log_std.exp()
    expected = kl_divergence(Normal(mean, std), Normal(0.0, 1.0)).sum(dim=(1, 2, 3)).mean()

    assert torch.allclose(kl_to_unit_gaussian(mean, std), expected)


def test_the_kl_of_a_unit_gaussian_is_zero() -> None:
    assert float(kl_to_unit_gaussian(torch.zeros(2, 3, 4, 4), torch.ones(2, 3, 4, 4))) == 0


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        (ONLY_L2, lambda e: (e**2).mean()),
        (ONLY_L1, lambda e: e.abs().mean()),
        (
            ONLY_GRADIENT,
            lambda e: (
                ((e[..., 1:] - e[..., :-1]) ** 2).mean()
                + ((e[..., 1:, :] - e[..., :-1, :]) ** 2).mean()
            ),
        ),
    ],
    ids=["l2", "l1", "gradient"],
)
def test_each_term_of_the_reconstruction_loss_is_a_mean(
    weights: FirstStageLoss, expected: Callable[[Tensor], Tensor]
) -> None:
    x, target = torch.randn(2, 2, 3, 5, 7)

    assert torch.allclose(reconstruction_loss(x, target, weights), expected(x - target))
    assert float(reconstruction_loss(x, x, weights)) == 0


def test_a_shift_of_brightness_leaves_the_edges_alone() -> None:
    x = torch.randn(2, 3, 5, 7)

    assert float(reconstruction_loss(x + 0.5, x, ONLY_GRADIENT)) < 1e-12
    assert float(reconstruction_loss(x + 0.5, x, ONLY_L2)) == pytest.approx(0.25)


def test_the_loss_is_drawn_from_its_generator_alone(pool: ScenePool) -> None:
    loss = first_stage_loss(tiny(), pool, 2, 16, FirstStageLoss())

    assert torch.equal(loss(step_generator(0, 1)), loss(step_generator(0, 1)))
    assert not torch.equal(loss(step_generator(0, 1)), loss(step_generator(0, 2)))


def test_the_kl_weight_counts(pool: ScenePool) -> None:
    network = tiny()
    plain, heavy = (
        first_stage_loss(network, pool, 2, 16, FirstStageLoss(regularizer=weight))
        for weight in (0.0, 1.0)
    )

    assert float((heavy(step_generator(0, 0)) - plain(step_generator(0, 0))).detach()) > 1


def test_a_new_autoencoder_begins_with_a_narrow_posterior(pool: ScenePool) -> None:
    network = tiny()
    with torch.no_grad():
        mean, std = network.posterior(network.encode(pool.pictures(0, 4)))

    assert float(std.mean()) < 0.5 * float(mean.std())


def test_overfitting_a_few_pictures_lowers_the_loss(pool: ScenePool, tmp_path: Path) -> None:
    losses = trainer_steps(Recipe(25, 2, 3e-3, warmup=2), pool, tmp_path)

    assert sum(losses[-5:]) < 0.5 * sum(losses[:5])


def test_the_latent_scale_brings_latents_to_unit_deviation(pool: ScenePool) -> None:
    network = tiny()
    scale = latent_scale(network, pool)
    with torch.no_grad():
        mean, std = network.posterior(network.encode(pool.pictures(0, 4)))
    z = mean + std * torch.randn(mean.shape, generator=torch.Generator().manual_seed(1))

    assert float((z * scale).std()) == pytest.approx(1, abs=0.05)
    assert latent_scale(network, pool) == scale


def test_the_finished_autoencoder_is_the_average_and_carries_its_scale(
    pool: ScenePool, tmp_path: Path
) -> None:
    recipe = Recipe(2, 1, 1e-3, warmup=0)
    trainer = first_stage_trainer(
        TINY, recipe, pool, 16, FirstStageLoss(), torch.device("cpu"), tmp_path
    )
    list(trainer.train())
    network = finished_first_stage(TINY, trainer, pool)

    assert not network.training
    assert network.config.scale_factor == latent_scale(network, pool) != TINY.scale_factor
    for name, weight in network.state_dict().items():
        assert torch.equal(weight, trainer.ema.state()[name])


def test_refining_the_decoder_leaves_the_encoder_bit_for_bit(
    pool: ScenePool, tmp_path: Path
) -> None:
    network = tiny()
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    trainer = decoder_trainer(
        network, Recipe(3, 2, 1e-2, warmup=0), pool, 16, FirstStageLoss(), tmp_path
    )
    list(trainer.train())
    frozen = ("encoder.", "quant_conv.")

    for state in (network.state_dict(), trainer.ema.state()):
        changed = {name for name, weight in state.items() if not torch.equal(weight, before[name])}
        assert not any(name.startswith(frozen) for name in changed)
        assert any(name.startswith("decoder.") for name in changed)


@pytest.mark.parametrize("crop", [48, 18])
def test_a_window_that_does_not_fit_is_refused(pool: ScenePool, tmp_path: Path, crop: int) -> None:
    sentence = f"`crop` is {crop}; set a multiple of the factor 4 up to 32, the scenes' size"
    with pytest.raises(ValueError, match=sentence):
        first_stage_trainer(
            TINY, Recipe(1, 1, 1e-3), pool, crop, FirstStageLoss(), torch.device("cpu"), tmp_path
        )
    with pytest.raises(ValueError, match=sentence):
        decoder_trainer(tiny(), Recipe(1, 1, 1e-3), pool, crop, FirstStageLoss(), tmp_path)
