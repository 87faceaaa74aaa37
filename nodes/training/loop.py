"""The one training loop: both stages of latent diffusion, and the judge, are trained by it.

`train` is a generator, so its caller takes progress, previews, loss curves and cancellation by
iterating. It writes a checkpoint to `folder` now and then and goes on from it after a kill; every
step draws its batch from (seed, step), so a resumed run sees what an uninterrupted one sees.
"""

import json
import math
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.optim import AdamW

from nodes.training.ema import Ema
from nodes.training.optimizer import (
    Recipe,
    make_optimizer,
    optimizer_state,
    restore_optimizer,
    step_generator,
)

Loss = Callable[[torch.Generator], Tensor]


@dataclass(frozen=True)
class TrainStep:
    """What one optimiser step reports: `step` counts from 1, `loss` is this batch's."""

    step: int
    steps: int
    loss: float
    lr: float


class Trainer:
    """A network, its optimiser and its average, which can be put aside and taken up again.

    Args:
        network: Trained in place.
        loss: Draws a batch from a generator and returns its scalar loss.
        recipe: How to optimise.
        folder: Where checkpoints live; None keeps none.
        every: Seconds between checkpoints.
        after: Called with the number of each step that was done, before the average is taken.
    """

    def __init__(
        self,
        network: nn.Module,
        loss: Loss,
        recipe: Recipe,
        folder: Path | None = None,
        every: float = 120.0,
        after: Callable[[int], None] | None = None,
    ) -> None:
        self.network = network
        self.loss = loss
        self.recipe = recipe
        self.folder = folder
        self.every = every
        self.after = after
        self.optimizer: AdamW = make_optimizer(network, recipe)
        self.ema = Ema(network, recipe.ema)
        self.losses: list[float] = []
        self._resume()

    def train(self) -> Iterator[TrainStep]:
        """Yield after each optimiser step until `recipe.steps` are done."""
        saved = time.monotonic()
        self.network.train()
        while len(self.losses) < self.recipe.steps:
            step = len(self.losses)
            self.losses.append(self._step(step))
            if time.monotonic() - saved > self.every:
                self.save()
                saved = time.monotonic()
            yield TrainStep(step + 1, self.recipe.steps, self.losses[-1], self.recipe.lr_at(step))
        self.save()

    def _step(self, step: int) -> float:
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.lr_at(step)
        self.optimizer.zero_grad(set_to_none=True)
        loss = sum(self._batch(step, part) for part in range(self.recipe.accumulate))
        if not math.isfinite(loss):
            raise ValueError(
                f"the loss became {loss} at step {step + 1}, so the training was stopped; lower"
                f" `lr`, which is {self.recipe.lr:g}, and run it again from its last checkpoint"
            )
        nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.clip)
        self.optimizer.step()
        if self.after is not None:
            self.after(step)
        self.ema.update(self.network)
        return loss

    def _batch(self, step: int, part: int) -> float:
        """Add the gradient of one batch; its share of the step's loss."""
        accumulate = self.recipe.accumulate
        device = next(self.network.parameters()).device.type
        with torch.autocast(device, torch.bfloat16, enabled=self.recipe.bf16):
            loss = self.loss(step_generator(self.recipe.seed, step * accumulate + part))
        share = loss / accumulate
        share.backward()  # type: ignore[no-untyped-call]
        return float(share.detach())

    def save(self) -> None:
        """Write the checkpoint: whole or not at all."""
        if self.folder is None:
            return
        tensors = {f"network.{k}": v.detach() for k, v in self.network.state_dict().items()}
        tensors |= {f"ema.{k}": v for k, v in self.ema.weights.items()}
        tensors |= {f"optimizer.{k}": v for k, v in optimizer_state(self.optimizer).items()}
        tensors["losses"] = torch.tensor(self.losses, dtype=torch.float64)
        tensors = {k: v.contiguous().cpu().clone() for k, v in tensors.items()}
        self.folder.mkdir(parents=True, exist_ok=True)
        partial = self.folder / "checkpoint.partial"
        save_file(tensors, partial, {"training": json.dumps({"ema_updates": self.ema.updates})})
        os.replace(partial, self.folder / "checkpoint.safetensors")

    def _resume(self) -> None:
        path = None if self.folder is None else self.folder / "checkpoint.safetensors"
        if path is None or not path.exists():
            return
        try:
            self._restore(path)
        except (SafetensorError, LookupError, TypeError, ValueError, RuntimeError) as error:
            raise ValueError(
                f"the checkpoint {path} is damaged or of another training; delete it to begin anew"
            ) from error

    def _restore(self, path: Path) -> None:
        with safe_open(path, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            self.ema.updates = json.loads(file.metadata()["training"])["ema_updates"]
        self.losses = tensors.pop("losses").tolist()
        self.network.load_state_dict(_below("network.", tensors))
        device = next(self.network.parameters()).device
        self.ema.weights = {k: v.to(device) for k, v in _below("ema.", tensors).items()}
        restore_optimizer(self.optimizer, _below("optimizer.", tensors))


def _below(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
