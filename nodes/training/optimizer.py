"""AdamW, its learning-rate curve, and its state as plain named tensors.

The state is written as safetensors, never as a pickle, so a checkpoint from a stranger
is data and nothing else.
"""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.optim import AdamW


@dataclass(frozen=True)
class Recipe:
    """How a network is optimised.

    Attributes:
        steps: Optimiser steps in all.
        batch: Pictures in each step.
        lr: Peak learning rate.
        warmup: Steps of linear rise to `lr`; a cosine then falls to `final` of it.
        final: Share of `lr` left at the last step, 0..1.
        weight_decay: AdamW's decoupled decay.
        clip: Largest gradient norm let through.
        ema: Decay of the weight average.
        seed: Drives initial weights, batches, noise and timesteps.
        bf16: Compute matrix products in bfloat16 (losses and statistics stay float32).
        accumulate: Batches whose gradients are averaged in one step, for batches beyond the memory.
    """

    steps: int
    batch: int
    lr: float
    warmup: int = 200
    final: float = 0.05
    weight_decay: float = 0.01
    clip: float = 1.0
    ema: float = 0.999
    seed: int = 0
    bf16: bool = True
    accumulate: int = 1

    def lr_at(self, step: int) -> float:
        """Learning rate of optimiser step `step` (0-based)."""
        if step < self.warmup:
            return self.lr * (step + 1) / self.warmup
        done = (step - self.warmup) / max(1, self.steps - self.warmup)
        return self.lr * (self.final + (1 - self.final) * 0.5 * (1 + math.cos(math.pi * done)))


def make_optimizer(network: nn.Module, recipe: Recipe) -> AdamW:
    """AdamW over all that is not frozen; only matrices and kernels decay, not biases and norms."""
    learning = [p for p in network.parameters() if p.requires_grad]
    matrices = [p for p in learning if p.ndim > 1]
    vectors = [p for p in learning if p.ndim <= 1]
    groups = [
        {"params": matrices, "weight_decay": recipe.weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    return AdamW(groups, lr=recipe.lr, betas=(0.9, 0.99), eps=1e-8)


def optimizer_state(optimizer: AdamW) -> dict[str, Tensor]:
    """AdamW's moments and step counts as `index.name` tensors."""
    return {
        f"{index}.{name}": value.detach().clone()
        for index, slots in optimizer.state_dict()["state"].items()
        for name, value in slots.items()
    }


def restore_optimizer(optimizer: AdamW, tensors: Mapping[str, Tensor]) -> None:
    """Put back what `optimizer_state` gave."""
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        index, name = key.split(".", 1)
        state.setdefault(int(index), {})[name] = value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})


def step_generator(seed: int, step: int) -> torch.Generator:
    """The random numbers of one batch: the same after a resume as without one."""
    return torch.Generator().manual_seed((seed * 1_000_003 + step) % 2**63)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Draw initial weights from `seed`, leaving torch's own random state as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield
