from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from nodes.ldm.config import UNetConfig
from nodes.ldm.schedule import NoiseSchedule
from nodes.ldm.text_encoder import TextEncoder
from nodes.ldm.unet import UNet
from nodes.training.diffusion import (
    TextConditionedUNet,
    denoiser_trainer,
    diffusion_loss,
    finished_denoiser,
    new_denoiser,
)
from nodes.training.optimizer import Recipe, seeded, step_generator
from nodes.training.words import MAX_TOKENS, TOKENIZER, text_config
from nodes.values import TrainingLatents

CHANNELS = 3
TEXT = text_config(16)
TINY = UNetConfig(
    in_channels=2 * CHANNELS + 1,
    out_channels=CHANNELS,
    model_channels=16,
    num_res_blocks=1,
    attention_ds=(2,),
    channel_mult=(1, 2),
    num_heads=2,
    context_dim=16,
    norm_groups=8,
)
EMPTY = TOKENIZER([""])[0]


class Listener(TextConditionedUNet):
    """Predicts no noise at all and remembers what it was told."""

    def __init__(self) -> None:
        nn.Module.__init__(self)
        self.level = nn.Parameter(torch.zeros(1))
        self.x = self.timesteps = self.tokens = torch.empty(0)

    def forward(self, x: Tensor, timesteps: Tensor, tokens: Tensor) -> Tensor:
        self.x, self.timesteps, self.tokens = x, timesteps, tokens
        return torch.zeros_like(x[:, :CHANNELS]) + self.level


class Shouter(Listener):
    """Predicts ten outside the hole."""

    def forward(self, x: Tensor, timesteps: Tensor, tokens: Tensor) -> Tensor:
        return super().forward(x, timesteps, tokens) + 10 * (1 - x[:, CHANNELS : CHANNELS + 1])


def examples(count: int, side: int = 4) -> TrainingLatents:
    generator = torch.Generator().manual_seed(0)
    z, masked = torch.randn(2, count, CHANNELS, side, side, generator=generator).half()
    mask = (torch.rand(count, 1, side, side, generator=generator) < 0.5).half()
    tokens = torch.randint(2, 9, (count, MAX_TOKENS), generator=generator)
    return TrainingLatents(z, masked, mask, tokens)


def train(recipe: Recipe, pool: TrainingLatents, folder: Path) -> list[float]:
    trainer = denoiser_trainer(
        new_denoiser(TINY, TEXT, recipe.seed), recipe, pool, 0.1, 1.0, folder
    )
    return [step.loss for step in trainer.train()]


def test_predicting_nothing_costs_the_variance_of_the_noise() -> None:
    """Within 5 standard errors: the mean of n squared normals has deviation sqrt(2 / n)."""
    loss = diffusion_loss(Listener(), examples(64), NoiseSchedule(), 512, EMPTY, 0.1)
    count = 512 * CHANNELS * 16

    assert float(loss(step_generator(0, 0)).detach()) == pytest.approx(
        1, abs=5 * (2 / count) ** 0.5
    )


def test_the_surroundings_weigh_what_they_are_told() -> None:
    """Ten off everywhere outside the hole: 1 + 100 there, 1 inside, half the cells each."""
    pool = examples(16)

    def cost(surroundings: float) -> float:
        loss = diffusion_loss(
            Shouter(), pool, NoiseSchedule(), 512, EMPTY, 0.0, surroundings=surroundings
        )
        return float(loss(step_generator(0, 0)).detach())

    assert cost(1.0) == pytest.approx(51, rel=0.2)
    assert cost(0.01) == pytest.approx(2, rel=0.2)


def test_the_network_sees_the_noisy_latent_then_the_mask_then_the_masked_latent() -> None:
    network, pool = Listener(), examples(1)
    schedule = NoiseSchedule()
    diffusion_loss(network, pool, schedule, 8, EMPTY, 0.0)(step_generator(0, 0))
    noisy, mask, masked = torch.tensor_split(network.x, (CHANNELS, CHANNELS + 1), dim=1)
    signal, spread = schedule.signal_and_noise(network.timesteps, noisy)
    eps = (noisy - signal * pool.latent.float()) / spread

    assert torch.equal(mask, pool.mask.float().expand(8, -1, -1, -1))
    assert torch.equal(masked, pool.masked.float().expand(8, -1, -1, -1))
    assert torch.equal(network.tokens, pool.tokens.expand(8, -1))
    assert abs(float(eps.std()) - 1) < 0.2
    assert abs(float(eps.mean())) < 0.2


def test_timesteps_cover_the_whole_schedule() -> None:
    network = Listener()
    schedule = NoiseSchedule(timesteps=10)
    diffusion_loss(network, examples(2), schedule, 400, EMPTY, 0.1)(step_generator(0, 0))

    assert set(network.timesteps.tolist()) == set(range(10))


def test_words_are_dropped_as_often_as_asked() -> None:
    network = Listener()
    diffusion_loss(network, examples(2), NoiseSchedule(), 4000, EMPTY, 0.1)(step_generator(0, 0))
    dropped = (network.tokens == EMPTY).all(dim=1).float().mean()

    assert float(dropped) == pytest.approx(0.1, abs=0.025)


def test_a_step_depends_on_its_generator_alone() -> None:
    loss = diffusion_loss(Listener(), examples(9), NoiseSchedule(), 4, EMPTY, 0.5)

    assert torch.equal(loss(step_generator(1, 2)), loss(step_generator(1, 2)))
    assert not torch.equal(loss(step_generator(1, 2)), loss(step_generator(1, 3)))


def test_overfitting_one_example_lowers_the_loss(tmp_path: Path) -> None:
    losses = train(Recipe(60, 8, 5e-3, warmup=5), examples(1), tmp_path)

    assert sum(losses[-10:]) < 0.7 * sum(losses[:10])
    assert losses[0] == pytest.approx(1, abs=0.2)  # a new denoiser predicts nothing


def test_the_text_encoder_learns_with_the_denoiser(tmp_path: Path) -> None:
    """From the second step on: a new denoiser's last layer is zero and passes nothing back."""
    recipe = Recipe(4, 2, 1e-2, warmup=0)
    trainer = denoiser_trainer(
        new_denoiser(TINY, TEXT, recipe.seed), recipe, examples(4), 0.0, 1.0, tmp_path
    )
    before = {k: v.clone() for k, v in trainer.network.state_dict().items()}
    list(trainer.train())
    changed = {k for k, v in trainer.network.state_dict().items() if not torch.equal(v, before[k])}

    assert any(name.startswith("text_encoder.") for name in changed)
    assert any(name.startswith("unet.") for name in changed)


def test_the_same_seed_begins_with_the_same_weights(tmp_path: Path) -> None:
    recipe = Recipe(2, 2, 1e-3, warmup=0, seed=5)

    assert train(recipe, examples(4), tmp_path / "a") == train(recipe, examples(4), tmp_path / "b")


def test_the_finished_denoiser_is_the_average(tmp_path: Path) -> None:
    with seeded(0):
        network = TextConditionedUNet(UNet(TINY), TextEncoder(TEXT))
    recipe = Recipe(2, 2, 1e-2, warmup=0)
    trainer = denoiser_trainer(
        new_denoiser(TINY, TEXT, recipe.seed), recipe, examples(4), 0.1, 1.0, tmp_path
    )
    list(trainer.train())
    finished = finished_denoiser(trainer)

    assert not finished.training
    assert finished.state_dict().keys() == network.state_dict().keys()
    for name, weight in finished.state_dict().items():
        assert torch.equal(weight, trainer.ema.state()[name])
