"""What every training node does: follow the loop, keep the model file."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated

from engine.node import Cancelled, Context, Range, Snapshot

if TYPE_CHECKING:
    import torch
    from torch import nn

    from nodes.checkpoints.model_config import ModelConfig, PartName
    from nodes.training.loop import Trainer

LICENSE = "MIT"
LOOK_EVERY = 100
"""Steps between two looks at how far a training is."""
Steps = Annotated[int, Range(ge=1, le=10_000_000, step=100)]
Batch = Annotated[int, Range(ge=1, le=4096, step=8)]
LearningRate = Annotated[float, Range(ge=1e-7, le=1)]
Width = Annotated[int, Range(ge=8, le=1024, step=8)]


def follow(trainer: Trainer, ctx: Context, look: Callable[[], Snapshot] | None = None) -> None:
    """Train to the end, reporting each step; a cancelled run keeps its checkpoint.

    From the first step on it tells how many minutes are left, by the mean of the steps so far.

    Args:
        trainer: What is trained.
        ctx: Where to report.
        look: Shows how far it is, asked for now and then.
    """
    begun, first = time.monotonic(), len(trainer.losses)
    try:
        for step in trainer.train():
            each = (time.monotonic() - begun) / (step.step - first)
            left = each * (step.steps - step.step) / 60
            ctx.progress(step.step, step.steps, loss=step.loss, minutes_left=round(left, 1))
            if look is not None and step.step % LOOK_EVERY == 0:
                ctx.preview(look)
    except Cancelled:
        trainer.save()
        raise


def keep_model(
    ctx: Context,
    parts: Mapping[PartName, nn.Module],
    config: ModelConfig,
    dtype: torch.dtype | None = None,
) -> str:
    """Write a model file into the engine's store and return its digest."""
    from nodes.checkpoints.model_file import save_model

    path = ctx.scratch() / "model.safetensors"
    save_model(path, parts, config, dtype)
    return ctx.keep(path)
