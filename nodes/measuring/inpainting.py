"""Does the hole hold what the words say, and is the rest untouched."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import torch
from skimage.restoration import inpaint_biharmonic
from torch import Tensor

from nodes.ldm.autoencoder import Autoencoder
from nodes.ldm.judge import JudgeNetwork
from nodes.ldm.sampling import Steering, Walk, sample
from nodes.ldm.schedule import NoiseSchedule
from nodes.ldm.spacings import trailing
from nodes.ldm.text_encoder import TextEncoder
from nodes.ldm.unet import UNet
from nodes.measuring.layout import SHOWN
from nodes.measuring.quality import psnr
from nodes.measuring.sheet import rows
from nodes.training.holes import Box, box_mask, brushed_over, widened
from nodes.training.judge import labels_of, verdicts
from nodes.training.latents import cut_out, encode_mean, latent_mask
from nodes.training.pool import to_bytes
from nodes.training.scenes import SceneObject, phrase, render, sample_scene
from nodes.values import Scenes

MARGIN = 0.05
"""How far a hole reaches beyond its object, as a share of the picture's side."""


@dataclass(frozen=True)
class Painter:
    """An inpainting model with its settings."""

    autoencoder: Autoencoder
    scale: float
    unet: UNet
    text_encoder: TextEncoder
    tokenizer: Callable[[Sequence[str]], Tensor]
    prediction: str
    steps: int
    guidance: float

    def paint(self, image: Tensor, mask: Tensor, prompts: Sequence[str], seed: int) -> Tensor:
        """Fill the holes of B 3 H W in [0, 1]; outside them every value comes back as it was."""
        x, hole = image * 2 - 1, mask.round()
        masked = encode_mean(self.autoencoder, cut_out(x, hole), self.scale)
        concat = torch.cat([latent_mask(hole, masked), masked], dim=1)
        cond = self.text_encoder(self.tokenizer(prompts).to(x.device))
        uncond = self.text_encoder(self.tokenizer([""]).to(x.device))
        table = NoiseSchedule()
        sigmas = tuple(trailing(table, self.steps).tolist())
        walk = Walk(table, self.prediction, sigmas, seed=seed)
        z = torch.zeros_like(masked)
        for step in sample(self.unet, z, Steering(cond, uncond, concat, self.guidance), walk):
            z = step.x
        painted = (self.autoencoder.decode(z / self.scale).float() / 2 + 0.5).clamp(0, 1)
        return torch.where(hole == 1, painted, image)


@dataclass(frozen=True)
class Puzzle:
    """Scenes with one object each cut out."""

    things: tuple[SceneObject, ...]
    image: Tensor
    mask: Tensor


def _box(box: Box, size: int, rng: random.Random) -> Tensor:
    del rng
    return box_mask(box, size)


HOLES: Mapping[str, Callable[[Box, int, random.Random], Tensor]] = {
    "boxes": _box,
    "brush": brushed_over,
}


def puzzles(scenes: Scenes, start: int, stop: int, holes: str = "boxes") -> Puzzle:
    """Scenes `start` to `stop` of the run, with a hole around one object each."""
    drawn = [sample_scene(scenes.seed + i, scenes.objects) for i in range(start, stop)]
    things = tuple(random.Random(f"hole {s.seed}").choice(s.objects) for s in drawn)
    image = to_bytes(render(drawn, scenes.size).image).float() / 255
    margin = MARGIN * scenes.size
    masks = [
        HOLES[holes](
            widened(thing.box_at(scenes.size), margin),
            scenes.size,
            random.Random(f"brush {s.seed}"),
        )
        for thing, s in zip(things, drawn, strict=True)
    ]
    return Puzzle(things, image, torch.stack(masks))


def measure(
    painter: Painter,
    judge: JudgeNetwork,
    scenes: Scenes,
    seed: int,
    holes: str,
    report: Callable[[int, int], None],
) -> tuple[tuple[tuple[str, float], ...], Tensor]:
    """Figures over all scenes, and a sheet: picture, hole, biharmonic fill, the model's."""
    tallies: list[Tally] = []
    sheets: list[Tensor] = []
    device = next(painter.unet.parameters()).device
    for start in range(0, scenes.count, SHOWN):
        puzzle = puzzles(scenes, start, min(start + SHOWN, scenes.count), holes)
        image, mask = puzzle.image.to(device), puzzle.mask.to(device)
        prompts = [phrase(thing) for thing in puzzle.things]
        painted = painter.paint(image, mask, prompts, seed + start).cpu()
        smooth = biharmonic(puzzle.image, puzzle.mask)
        tallies.append(tally(puzzle, painted, smooth, judge, scenes.size))
        if not sheets:
            grey = puzzle.image * (1 - puzzle.mask) + 0.5 * puzzle.mask
            sheets = [puzzle.image, grey, smooth, painted]
        report(min(start + SHOWN, scenes.count), scenes.count)
    return summary(tallies), rows(sheets)


@dataclass(frozen=True)
class Tally:
    """What one batch adds to the figures: one entry a picture."""

    colour: list[bool]
    shape: list[bool]
    hole_psnr: list[float]
    smooth_psnr: list[float]
    smooth_shape: list[bool]
    changed: int


def tally(puzzle: Puzzle, painted: Tensor, smooth: Tensor, judge: JudgeNetwork, size: int) -> Tally:
    """Judge one batch."""
    boxes = [thing.box_at(size) for thing in puzzle.things]
    colours, shapes = labels_of(puzzle.things, judge.config)
    seen_colours, seen_shapes = verdicts(judge, painted * 2 - 1, boxes)
    _, smooth_shapes = verdicts(judge, smooth * 2 - 1, boxes)
    outside = (puzzle.mask == 0).expand_as(painted)
    changed = to_bytes(painted)[outside] != to_bytes(puzzle.image)[outside]
    return Tally(
        (seen_colours == colours).tolist(),
        (seen_shapes == shapes).tolist(),
        psnr(painted, puzzle.image, puzzle.mask),
        psnr(smooth, puzzle.image, puzzle.mask),
        (smooth_shapes == shapes).tolist(),
        int(changed.sum()),
    )


def summary(tallies: Sequence[Tally]) -> tuple[tuple[str, float], ...]:
    """Means over all pictures."""

    def mean(name: str) -> float:
        return fmean(float(value) for part in tallies for value in getattr(part, name))

    return (
        ("scenes", float(sum(len(part.colour) for part in tallies))),
        ("colour right", mean("colour")),
        ("shape right", mean("shape")),
        ("hole PSNR, dB", mean("hole_psnr")),
        ("hole PSNR of the biharmonic fill, dB", mean("smooth_psnr")),
        ("shape right by the biharmonic fill", mean("smooth_shape")),
        ("values changed outside the hole", float(sum(part.changed for part in tallies))),
    )


def biharmonic(image: Tensor, mask: Tensor) -> Tensor:
    """Fill holes by the smoothest surface through their edge (Chui and Mhaskar 2010)."""
    filled = [
        torch.from_numpy(inpaint_biharmonic(x, hole, channel_axis=0)).float()
        for x, hole in zip(image.numpy(), mask[:, 0].bool().numpy(), strict=True)
    ]
    return torch.stack(filled).clamp(0, 1)
