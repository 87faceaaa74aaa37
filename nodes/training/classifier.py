"""Training a classifier of noisy latents  (Dhariwal and Nichol 2021, Sec. 4; LDM, App. C)."""

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from nodes.dataset_values import TokenSet
from nodes.ldm.classifier_config import ClassifierConfig
from nodes.ldm.noisy_classifier import NoisyClassifier
from nodes.training.denoising import scene_schedule
from nodes.training.loop import Trainer
from nodes.training.optimizer import Recipe, seeded


def classifier_loss(
    network: NoisyClassifier, latent: Tensor, tokens: TokenSet, batch: int, lean: float = 1.0
) -> Callable[[torch.Generator], Tensor]:
    """Cross-entropy of the class at every noise level.

    Args:
        network: Trained in place.
        latent: Scaled latents, N c h w.
        tokens: A class for each.
        batch: Latents in a step.
        lean: Timesteps are T u^lean with u uniform; at 1 they are drawn as the denoiser's.

    Raises:
        ValueError: There are no classes, or not one for each latent.
    """
    if tokens.classes is None or len(tokens.classes) != len(latent):
        raise ValueError(
            f"a classifier needs one class for each of {len(latent)} latents, but `tokens` tells"
            f" {len(tokens.rows)} {tokens.kind}; choose classes in TellTokens, of the same dataset"
        )
    classes = tokens.classes[:, 0]
    schedule, device = scene_schedule(), next(network.parameters()).device

    def loss(generator: torch.Generator) -> Tensor:
        picks = torch.randint(0, len(latent), (batch,), generator=generator)
        drawn = torch.rand(batch, generator=generator) ** lean * schedule.timesteps
        timestep = drawn.long().clamp(max=schedule.timesteps - 1)
        z = latent[picks].float()
        eps = torch.randn(z.shape, generator=generator)
        z_t = schedule.q_sample(z, timestep, eps).to(device)
        return F.cross_entropy(network(z_t, timestep.to(device)), classes[picks].to(device))

    return loss


def classifier_trainer(
    config: ClassifierConfig,
    recipe: Recipe,
    latent: Tensor,
    tokens: TokenSet,
    device: torch.device,
    folder: Path,
    lean: float = 1.0,
) -> Trainer:
    """A trainer of a new classifier, or of the one whose checkpoint is in `folder`."""
    with seeded(recipe.seed):
        network = NoisyClassifier(config).to(device)
    loss = classifier_loss(network, latent, tokens, recipe.batch, lean)
    return Trainer(network, loss, recipe, folder)


def finished_classifier(config: ClassifierConfig, trainer: Trainer) -> NoisyClassifier:
    """The averaged classifier."""
    return trainer.ema.into(NoisyClassifier(config))
