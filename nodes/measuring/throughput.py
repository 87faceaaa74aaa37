"""How many examples a second a denoiser learns from, and how many it draws."""

import copy
import time
from collections.abc import Callable
from itertools import pairwise
from statistics import median

import torch
from torch import Tensor

from nodes.ldm.config import Prediction
from nodes.training.conditioned import ConditionedUNet, Examples
from nodes.training.denoising import Drawing, denoising_trainer, drawn
from nodes.training.objective import Objective
from nodes.training.optimizer import Recipe

Figures = tuple[tuple[str, float], ...]
WARM = 1
"""Steps that are not counted: memory and kernels are made ready in them."""


def throughput(
    network: ConditionedUNet,
    prediction: Prediction,
    examples: Examples,
    decode: Callable[[Tensor], Tensor],
    how: tuple[int, int, int],
) -> Figures:
    """Medians of timed steps; the network stays as it is.

    Args:
        network: The denoiser, of which a copy is trained.
        prediction: What it predicts.
        examples: What it is trained on.
        decode: From latents to pictures, which counts as part of drawing.
        how: Examples in a batch, steps that are timed, and evaluations for a picture.
    """
    batch, steps, evaluations = how
    copied = copy.deepcopy(network).requires_grad_(True).float()
    recipe = Recipe(WARM + steps, batch, lr=1e-5, warmup=0)
    trainer = denoising_trainer(copied, examples, Objective(prediction), recipe, 0.1, None)
    marks = [time.perf_counter() for _ in trainer.train()]
    each = median(b - a for a, b in pairwise(marks))
    few = Examples(examples.latent[:batch])
    begun = time.perf_counter()
    with torch.no_grad():
        for z in drawn(network, few, prediction, Drawing(evaluations)):
            decode(z)
    drawing = (time.perf_counter() - begun) / len(few.latent)
    weights = sum(p.numel() for p in network.parameters())
    return (
        ("weights, millions", weights / 1e6),
        ("trained examples a second", batch / each),
        ("evaluations for a picture", float(evaluations)),
        ("pictures drawn a second", 1 / drawing),
    )
