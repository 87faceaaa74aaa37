"""Stage two: L_LDM = E || eps - eps_theta(z_t, t, tau_theta(y)) ||^2 (Rombach et al. 2022, Eq. 3).

The text transformer tau_theta and the UNet are trained together, as in the paper's text models.
"""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from nodes.ldm.config import ScheduleConfig, UNetConfig
from nodes.ldm.schedule import NoiseSchedule
from nodes.ldm.text_config import TextEncoderConfig
from nodes.ldm.text_encoder import TextEncoder
from nodes.ldm.tokenizer import WordTokenizer
from nodes.ldm.unet import UNet
from nodes.training.loop import Trainer
from nodes.training.optimizer import Recipe, seeded
from nodes.values import TrainingLatents


class TextConditionedUNet(nn.Module):
    """tau_theta and eps_theta as one network, so that one optimiser and one average hold both."""

    def __init__(self, unet: UNet, text_encoder: TextEncoder) -> None:
        super().__init__()
        self.unet = unet
        self.text_encoder = text_encoder

    def forward(self, x: Tensor, timesteps: Tensor, tokens: Tensor) -> Tensor:
        """Predict eps from B c+c' h w, timesteps B and token ids B T; gives B c h w."""
        out: Tensor = self.unet(x, timesteps, self.text_encoder(tokens))
        return out


def diffusion_loss(
    network: TextConditionedUNet,
    pool: TrainingLatents,
    schedule: NoiseSchedule,
    batch: int,
    empty: Tensor,
    drop: float,
    surroundings: float = 1.0,
) -> Callable[[torch.Generator], Tensor]:
    """Loss of one batch of `pool`.

    Args:
        network: Trained in place.
        pool: Examples as latents.
        schedule: Betas the model is trained with.
        batch: Examples in a step.
        empty: Token ids of the empty prompt, T; they replace a prompt ...
        drop: ... with this chance, which teaches the unconditional model that guidance needs.
        surroundings: Weight of the error outside the hole, which is painted over in the end anyway;
            inside it is 1.
    """
    device = next(network.parameters()).device

    def loss(generator: torch.Generator) -> Tensor:
        picks = torch.randint(0, len(pool.latent), (batch,), generator=generator)
        timestep = torch.randint(0, schedule.timesteps, (batch,), generator=generator)
        dropped = torch.rand(batch, generator=generator) < drop
        z = pool.latent[picks].float()
        eps = torch.randn(z.shape, generator=generator)
        z_t = schedule.q_sample(z, timestep, eps)
        mask = pool.mask[picks].float()
        x = torch.cat([z_t, mask, pool.masked[picks].float()], dim=1)
        tokens = torch.where(dropped[:, None], empty, pool.tokens[picks])
        predicted = network(x.to(device), timestep.to(device), tokens.to(device))
        weight = (mask + surroundings * (1 - mask)).expand_as(eps).to(device)
        error: Tensor = weight * (predicted.float() - eps.to(device)) ** 2
        return error.sum() / weight.sum()

    return loss


def new_denoiser(unet: UNetConfig, text: TextEncoderConfig, seed: int) -> TextConditionedUNet:
    """A denoiser and its text encoder with initial weights drawn from `seed`."""
    with seeded(seed):
        return TextConditionedUNet(UNet(unet), TextEncoder(text))


def denoiser_trainer(
    network: TextConditionedUNet,
    recipe: Recipe,
    pool: TrainingLatents,
    drop: float,
    surroundings: float,
    folder: Path,
) -> Trainer:
    """A trainer of `network`, or of the one whose checkpoint is in `folder`."""
    table = ScheduleConfig()
    schedule = NoiseSchedule(table.kind, table.beta_start, table.beta_end, table.timesteps)
    empty = WordTokenizer.of(network.text_encoder.config)([""])[0]
    loss = diffusion_loss(network, pool, schedule, recipe.batch, empty, drop, surroundings)
    return Trainer(network, loss, recipe, folder)


def finished_denoiser(trainer: Trainer) -> TextConditionedUNet:
    """The averaged denoiser and text encoder of a trainer."""
    return cast("TextConditionedUNet", trainer.ema.into(copy.deepcopy(trainer.network)))
