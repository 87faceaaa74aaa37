"""Training a conditioned denoiser: its loss, its trainer, and how far it is in pictures."""

import copy
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from nodes.dataset_values import TokenSet
from nodes.ldm.config import ScheduleConfig
from nodes.ldm.sampling import Steering, Walk, sample
from nodes.ldm.schedule import NoiseSchedule
from nodes.ldm.spacings import trailing
from nodes.training.conditioned import ConditionedUNet, Examples
from nodes.training.loop import Trainer
from nodes.training.objective import Objective
from nodes.training.optimizer import Recipe

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
        timestep = torch.randint(0, schedule.timesteps, (batch,), generator=generator)
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
    folder: Path,
) -> Trainer:
    """A trainer of `network`, or of the one whose checkpoint is in `folder`."""
    loss = denoising_loss(network, examples, scene_schedule(), objective, recipe.batch, drop)
    return Trainer(network, loss, recipe, folder)


def scene_schedule() -> NoiseSchedule:
    """The variance schedule that models here are trained with."""
    table = ScheduleConfig()
    return NoiseSchedule(table.kind, table.beta_start, table.beta_end, table.timesteps)


@torch.no_grad()
def first_look(trainer: Trainer, examples: Examples, prediction: str) -> Tensor:
    """What the averaged network makes of the first conditions now, 4 c h w, in 8 DDIM steps."""
    network = copy.deepcopy(trainer.network)
    network.load_state_dict(trainer.ema.state())
    assert isinstance(network, ConditionedUNet)  # noqa: S101 - made by `denoising_trainer`
    network.eval()
    device = next(network.parameters()).device
    rows = [
        None if part is None else part.rows[:SHOWN].to(device)
        for part in (examples.tokens, examples.beside)
    ]
    table = scene_schedule()
    walk = Walk(table, prediction, tuple(trailing(table, STEPS_SHOWN).tolist()))

    def predict(
        x: Tensor, timesteps: Tensor, context: Tensor | None = None, y: Tensor | None = None
    ) -> Tensor:
        del context, y
        told, beside = (row if row is None or row.dtype == torch.int64 else row.float()
                        for row in rows)  # fmt: skip
        return network(x, timesteps, told, beside)  # type: ignore[no-any-return]

    z = torch.zeros_like(examples.latent[:SHOWN]).to(device)
    for step in sample(predict, z, Steering(), walk):
        z = step.x
    return z
