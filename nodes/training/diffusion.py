"""Stage two: L_LDM = E || eps - eps_theta(z_t, t, tau_theta(y)) ||^2 (Rombach et al. 2022, Eq. 3).

The text transformer tau_theta and the UNet are trained together, as in the paper's text models.
"""

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nodes.ldm.config import TextEncoderConfig, UNetConfig
from nodes.ldm.schedule import NoiseSchedule
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
) -> Callable[[torch.Generator], Tensor]:
    """Loss of one batch of `pool`.

    Args:
        network: Trained in place.
        pool: Examples as latents.
        schedule: Betas the model is trained with.
        batch: Examples in a step.
        empty: Token ids of the empty prompt, T; they replace a prompt ...
        drop: ... with this chance, which teaches the unconditional model that guidance needs.
    """
    device = next(network.parameters()).device

    def loss(generator: torch.Generator) -> Tensor:
        picks = torch.randint(0, len(pool.latent), (batch,), generator=generator)
        timestep = torch.randint(0, schedule.timesteps, (batch,), generator=generator)
        dropped = torch.rand(batch, generator=generator) < drop
        z = pool.latent[picks].float()
        eps = torch.randn(z.shape, generator=generator)
        z_t = schedule.q_sample(z, timestep, eps)
        x = torch.cat([z_t, pool.mask[picks].float(), pool.masked[picks].float()], dim=1)
        tokens = torch.where(dropped[:, None], empty, pool.tokens[picks])
        predicted = network(x.to(device), timestep.to(device), tokens.to(device))
        return F.mse_loss(predicted.float(), eps.to(device))

    return loss


def inpainting_unet(
    channels: int, width: int, channel_mult: tuple[int, ...], context_width: int
) -> UNetConfig:
    """Shape of eps_theta that sees noisy latent, mask and masked latent, and attends to words."""
    return UNetConfig(
        in_channels=2 * channels + 1,
        out_channels=channels,
        model_channels=width,
        num_res_blocks=1,
        attention_ds=(2, 4),
        channel_mult=channel_mult,
        num_heads=4,
        context_dim=context_width,
    )


def denoiser_trainer(
    unet: UNetConfig,
    text: TextEncoderConfig,
    recipe: Recipe,
    pool: TrainingLatents,
    schedule: NoiseSchedule,
    drop: float,
    device: torch.device,
    folder: Path,
) -> Trainer:
    """A trainer of a new denoiser with its text encoder, or of those checkpointed in `folder`."""
    with seeded(recipe.seed):
        network = TextConditionedUNet(UNet(unet), TextEncoder(text)).to(device)
    empty = WordTokenizer.of(text)([""])[0]
    loss = diffusion_loss(network, pool, schedule, recipe.batch, empty, drop)
    return Trainer(network, loss, recipe, folder)


def finished_denoiser(
    unet: UNetConfig, text: TextEncoderConfig, trainer: Trainer
) -> TextConditionedUNet:
    """The averaged denoiser and text encoder."""
    network = TextConditionedUNet(UNet(unet), TextEncoder(text))
    network.load_state_dict(trainer.ema.state())
    return network.eval()
