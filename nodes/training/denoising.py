"""Training a conditioned denoiser: its loss, its trainer, and how far it is in pictures."""

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from nodes.dataset_values import TokenSet
from nodes.ldm.config import ScheduleConfig
from nodes.ldm.sampling import Steering, Walk, sample
from nodes.ldm.schedule import NoiseSchedule
from nodes.ldm.spacings import keep_last, trailing
from nodes.ldm.steering import Likelihood
from nodes.training.conditioned import ConditionedUNet, Examples
from nodes.training.loop import Trainer
from nodes.training.objective import Objective
from nodes.training.optimizer import Recipe

AT_ONCE = 16
SHOWN = 4
STEPS_SHOWN = 8


def nothing_told(tokens: TokenSet) -> Tensor:
    """The row that stands for no condition, which guidance needs: padding, or the last class."""
    row = torch.zeros_like(tokens.rows[:1])
    return row + len(tokens.names) if tokens.kind == "classes" else row


def denoising_loss(
    network: ConditionedUNet,
    examples: Examples,
    schedule: NoiseSchedule,
    objective: Objective,
    batch: int,
    drop: float,
) -> Callable[[torch.Generator], Tensor]:
    """Loss of one batch of examples (Rombach et al. 2022, Eq. 3).

    Args:
        network: Trained in place.
        examples: What to draw batches from.
        schedule: Betas the model is trained with.
        objective: What is minimised.
        batch: Examples in a batch.
        drop: Chance that what is told of an example is replaced by nothing.
    """
    device = next(network.parameters()).device
    nothing = None if examples.tokens is None else nothing_told(examples.tokens)

    def loss(generator: torch.Generator) -> Tensor:
        picks = torch.randint(0, len(examples.latent), (batch,), generator=generator)
        timestep = objective.timesteps(schedule.timesteps, batch, generator)
        dropped = torch.rand(batch, generator=generator) < drop
        z = examples.latent[picks].float()
        eps = torch.randn(z.shape, generator=generator)
        z_t = schedule.q_sample(z, timestep, eps)
        told = beside = None
        if examples.tokens is not None and nothing is not None:
            rows = examples.tokens.rows[picks]
            told = torch.where(dropped.reshape(-1, *[1] * (rows.ndim - 1)), nothing, rows)
            told = (told if told.dtype == torch.int64 else told.float()).to(device)
        if examples.beside is not None:
            beside = examples.beside.rows[picks].float().to(device)
        said = network(z_t.to(device), timestep.to(device), told, beside)
        error = objective.error(said, objective.target(z, eps, schedule, timestep).to(device))
        weighted: Tensor = (objective.weights(schedule, timestep).to(device) * error).mean()
        return weighted

    return loss


def denoising_trainer(
    network: ConditionedUNet,
    examples: Examples,
    objective: Objective,
    recipe: Recipe,
    drop: float,
    folder: Path | None,
) -> Trainer:
    """A trainer of `network`, or of the one whose checkpoint is in `folder`."""
    loss = denoising_loss(network, examples, scene_schedule(), objective, recipe.batch, drop)
    return Trainer(network, loss, recipe, folder)


def scene_schedule() -> NoiseSchedule:
    """The variance schedule that models here are trained with."""
    table = ScheduleConfig()
    return NoiseSchedule(table.kind, table.beta_start, table.beta_end, table.timesteps)


@dataclass(frozen=True)
class Drawing:
    """How samples are drawn.

    Attributes:
        steps: DDIM steps from pure noise (eta 0, trailing).
        guidance: Scale of classifier-free guidance.
        seed: Seed of the first one's noise.
        strength: Share of the way to noise at which to start; below 1 from noised latents.
    """

    steps: int
    guidance: float = 1.0
    seed: int = 0
    strength: float = 1.0


def drawn(
    network: ConditionedUNet,
    examples: Examples,
    prediction: str,
    how: Drawing,
    likelihoods: Sequence[Likelihood] = (),
) -> Iterator[Tensor]:
    """Draw latents for the conditions of examples, some at a time, B c h w.

    Args:
        network: The denoiser with its readers.
        examples: Their conditions count, and their latents where strength is below 1.
        prediction: What the network predicts.
        how: Steps, guidance, seed and strength.
        likelihoods: What shall become likely, by gradients.
    """
    device, table = next(network.parameters()).device, scene_schedule()
    sigmas = tuple(keep_last(trailing(table, how.steps), how.strength).tolist())
    from_noise = how.strength == 1
    nothing = None if examples.tokens is None else nothing_told(examples.tokens).to(device)
    for start in range(0, len(examples.latent), AT_ONCE):
        stop = min(start + AT_ONCE, len(examples.latent))
        told, beside = (
            None if part is None else part.rows[start:stop].to(device)
            for part in (examples.tokens, examples.beside)
        )
        context, concat = network.context(told), network.channels(beside)
        fits = tuple(each.rows(slice(start, stop)) for each in likelihoods)
        nowhere = network.context(nothing)
        steering = Steering(context, nowhere, concat, how.guidance, likelihoods=fits)
        z = examples.latent[start:stop].float().to(device)
        walk = Walk(table, prediction, sigmas, from_noise, seed=how.seed + start)
        for step in sample(network.unet, z, steering, walk):
            z = step.x
        yield z


@torch.no_grad()
def first_look(trainer: Trainer, examples: Examples, prediction: str) -> Tensor:
    """What the averaged network makes of the first conditions now, 4 c h w, in 8 DDIM steps."""
    network = trainer.ema.into(copy.deepcopy(trainer.network))
    assert isinstance(network, ConditionedUNet)  # noqa: S101 - made by `denoising_trainer`
    first = Examples(
        *(_first(part) for part in (examples.latent, examples.tokens, examples.beside))
    )
    return next(drawn(network, first, prediction, Drawing(STEPS_SHOWN)))


def _first(part: Any) -> Any:
    """The first few rows of latents or of conditions."""
    if part is None:
        return None
    if isinstance(part, Tensor):
        return part[:SHOWN]
    named = {
        name: rows if name == "vocabulary" else rows[:SHOWN] for name, rows in part.tensors.items()
    }
    return type(part)(**named)
