"""The judge: a small classifier that names an object's colour and shape from its surroundings.

It measures; it never takes part in making a picture. It is trained on drawn scenes alone and is
itself measured on held-out ones before its word counts.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from nodes.ldm.config import JudgeConfig
from nodes.ldm.judge import JudgeNetwork
from nodes.training.holes import Box
from nodes.training.loop import Trainer
from nodes.training.optimizer import Recipe, seeded
from nodes.training.pool import ScenePool
from nodes.training.scenes import COLOURS, SHAPES, SceneObject


def judge_config() -> JudgeConfig:
    """The judge of the scenes' own colours and shapes."""
    return JudgeConfig(colours=COLOURS, shapes=SHAPES)


def windows_of(x: Tensor, boxes: Sequence[Box], side: int, margin: float = 1.25) -> Tensor:
    """Cut the square around each box, `margin` times its longer side, and scale it to `side`.

    Args:
        x: Pictures, B 3 H W in [-1, 1], one for each box.
        boxes: (x0, y0, x1, y1) in pixels.
        side: Pixels of a window.
        margin: Share of the box's longer side that the window spans.
    """
    height, width = x.shape[-2:]
    theta = torch.zeros(len(boxes), 2, 3, device=x.device)
    for row, (x0, y0, x1, y1) in zip(theta, boxes, strict=True):
        span = margin * max(x1 - x0, y1 - y0)
        row[0, 0], row[1, 1] = span / width, span / height
        row[0, 2], row[1, 2] = (x0 + x1) / width - 1, (y0 + y1) / height - 1
    grid = F.affine_grid(theta, [len(boxes), 3, side, side], align_corners=False)
    return F.grid_sample(x, grid, padding_mode="border", align_corners=False)


def labels_of(things: Sequence[SceneObject], config: JudgeConfig) -> tuple[Tensor, Tensor]:
    """Colour and shape class of each object."""
    colours = torch.tensor([config.colours.index(thing.colour) for thing in things])
    shapes = torch.tensor([config.shapes.index(thing.shape) for thing in things])
    return colours, shapes


def judge_loss(
    network: JudgeNetwork, pool: ScenePool, batch: int
) -> Callable[[torch.Generator], Tensor]:
    """Cross-entropy of colour and shape over objects picked at random, their boxes jittered."""
    places = [(i, thing) for i, scene in enumerate(pool.scenes) for thing in scene.objects]
    device = next(network.parameters()).device
    size = pool.images.shape[-1]

    def loss(generator: torch.Generator) -> Tensor:
        picks = torch.randint(0, len(places), (batch,), generator=generator).tolist()
        things = [places[pick][1] for pick in picks]
        x = pool.images[[places[pick][0] for pick in picks]].float() / 127.5 - 1
        jitter = torch.rand(batch, 4, generator=generator) * 6 - 3
        boxes = [
            _shifted(thing.box_at(size), shift)
            for thing, shift in zip(things, jitter.tolist(), strict=True)
        ]
        windows = windows_of(x.to(device), boxes, network.config.window)
        colours, shapes = labels_of(things, network.config)
        by_colour, by_shape = network(windows)
        return F.cross_entropy(by_colour.float(), colours.to(device)) + F.cross_entropy(
            by_shape.float(), shapes.to(device)
        )

    return loss


def _shifted(box: Box, shift: Sequence[float]) -> Box:
    x0, y0, x1, y1 = (edge + delta for edge, delta in zip(box, shift, strict=True))
    return x0, y0, x1, y1


@torch.no_grad()
def verdicts(network: JudgeNetwork, x: Tensor, boxes: Sequence[Box]) -> tuple[Tensor, Tensor]:
    """Class indices of colour and shape that the judge sees in each box, B and B."""
    by_colour, by_shape = network(windows_of(x, boxes, network.config.window))
    return by_colour.argmax(1), by_shape.argmax(1)


def judge_trainer(
    config: JudgeConfig, recipe: Recipe, pool: ScenePool, device: torch.device, folder: Path
) -> Trainer:
    """A trainer of a new judge, or of the one whose checkpoint is in `folder`."""
    with seeded(recipe.seed):
        network = JudgeNetwork(config).to(device)
    return Trainer(network, judge_loss(network, pool, recipe.batch), recipe, folder)


def finished_judge(config: JudgeConfig, trainer: Trainer) -> JudgeNetwork:
    """The averaged judge."""
    return trainer.ema.into(JudgeNetwork(config))
