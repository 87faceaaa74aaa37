"""Training the segmenter on pictures whose label maps are known."""

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from nodes.dataset_values import PictureSet
from nodes.ldm.config import SegmenterConfig
from nodes.ldm.segmenter import SegmenterNetwork
from nodes.training.loop import Trainer
from nodes.training.optimizer import Recipe, seeded

RARE = 4.0
"""How much more a pixel of an object counts than one of the background."""


def segmenter_loss(
    network: SegmenterNetwork, pictures: PictureSet, batch: int
) -> Callable[[torch.Generator], Tensor]:
    """Cross-entropy of the labels of all pixels, mirrored half the time.

    Raises:
        ValueError: The pictures have no label maps.
    """
    if pictures.labels is None:
        raise ValueError("the pictures have no label maps; draw scenes, or put label maps beside")
    labels, device = pictures.labels, next(network.parameters()).device
    weight = torch.full((1 + len(network.config.names),), RARE, device=device)
    weight[0] = 1.0

    def loss(generator: torch.Generator) -> Tensor:
        picks = torch.randint(0, len(labels), (batch,), generator=generator)
        flips = torch.rand(batch, generator=generator) < 0.5
        x = pictures.pictures[picks].float() / 127.5 - 1
        truth = labels[picks].long()
        x = torch.where(flips[:, None, None, None], x.flip(3), x)
        truth = torch.where(flips[:, None, None], truth.flip(2), truth)
        return F.cross_entropy(network(x.to(device)), truth.to(device), weight)

    return loss


def segmenter_trainer(
    config: SegmenterConfig,
    recipe: Recipe,
    pictures: PictureSet,
    device: torch.device,
    folder: Path,
) -> Trainer:
    """A trainer of a new segmenter, or of the one whose checkpoint is in `folder`."""
    with seeded(recipe.seed):
        network = SegmenterNetwork(config).to(device)
    return Trainer(network, segmenter_loss(network, pictures, recipe.batch), recipe, folder)


def finished_segmenter(config: SegmenterConfig, trainer: Trainer) -> SegmenterNetwork:
    """The averaged segmenter."""
    return trainer.ema.into(SegmenterNetwork(config))
