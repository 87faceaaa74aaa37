from dataclasses import replace
from typing import Any

import pytest
import torch

from nodes.evaluate import measure_inpainting
from nodes.measuring.inpainting import (
    Painter,
    Puzzle,
    Tally,
    biharmonic,
    puzzles,
    summary,
    tally,
)
from nodes.runtime import open_autoencoder, open_judge, open_unet, open_word_encoder
from nodes.training.scenes import phrase, sample_scene
from nodes.values import Metrics, Scenes
from tests.nodes.context import FolderContext
from tests.nodes.tiny import TinyModels

SCENES = Scenes(2_000_000_000, 3, 32, (1, 2))


@pytest.fixture
def painter(ctx: FolderContext, models: TinyModels) -> Painter:
    stage, text = (
        open_autoencoder(ctx, models.autoencoder),
        open_word_encoder(ctx, models.text_encoder),
    )
    unet = open_unet(ctx, models.unet).network
    return Painter(stage.network, stage.scale, unet, text.network, text.tokenizer, "eps", 2, 2.0)


@torch.no_grad()
def paint(painter: Painter, puzzle: Puzzle, seed: int = 0) -> torch.Tensor:
    return painter.paint(puzzle.image, puzzle.mask, [phrase(t) for t in puzzle.things], seed)


def test_a_puzzle_cuts_one_object_out_of_each_scene() -> None:
    puzzle = puzzles(SCENES, 0, 3)

    assert puzzle.image.shape == (3, 3, 32, 32)
    assert puzzle.mask.shape == (3, 1, 32, 32)
    for k, thing in enumerate(puzzle.things):
        x0, y0, x1, y1 = (round(edge) for edge in thing.box_at(32))
        assert thing in sample_scene(SCENES.seed + k, (1, 2)).objects
        assert bool((puzzle.mask[k, 0, y0:y1, x0:x1] == 1).all())
        assert float(puzzle.mask[k].mean()) < 0.9


def test_a_brush_paints_the_object_over_in_a_form_of_its_own() -> None:
    scenes = Scenes(2_000_000_000, 4, 64, (1, 2))
    brushed, boxed = puzzles(scenes, 0, 4, "brush"), puzzles(scenes, 0, 4)

    assert brushed.things == boxed.things
    assert bool((brushed.mask[boxed.mask == 1] == 1).float().mean() > 0.98)
    for mask in brushed.mask[:, 0]:
        rows, columns = mask.any(1).nonzero(), mask.any(0).nonzero()
        box = mask[
            int(rows.min()) : int(rows.max()) + 1, int(columns.min()) : int(columns.max()) + 1
        ]
        assert float(box.mean()) < 0.97  # not a box


def test_puzzles_do_not_depend_on_how_they_are_grouped() -> None:
    together, alone = puzzles(SCENES, 0, 3), puzzles(SCENES, 2, 3)

    assert together.things[2:] == alone.things
    assert torch.equal(together.image[2:], alone.image)
    assert torch.equal(together.mask[2:], alone.mask)


def test_nothing_outside_the_hole_is_painted(painter: Painter) -> None:
    puzzle = puzzles(SCENES, 0, 2)
    painted = paint(painter, puzzle)
    outside = (puzzle.mask == 0).expand_as(painted)

    assert torch.equal(painted[outside], puzzle.image[outside])
    assert not torch.equal(painted, puzzle.image)


def test_what_is_in_the_hole_is_not_seen(painter: Painter) -> None:
    puzzle = puzzles(SCENES, 0, 1)
    other = replace(puzzle, image=torch.where(puzzle.mask == 1, 0.9, puzzle.image))

    assert torch.equal(paint(painter, other), paint(painter, puzzle))


def test_the_seed_decides_what_is_painted(painter: Painter) -> None:
    puzzle = puzzles(SCENES, 0, 1)

    assert torch.equal(paint(painter, puzzle, 4), paint(painter, puzzle, 4))
    assert not torch.equal(paint(painter, puzzle, 4), paint(painter, puzzle, 5))


def test_the_biharmonic_fill_continues_a_slope_exactly() -> None:
    across = torch.linspace(0.1, 0.9, 16).expand(1, 3, 16, 16).contiguous()
    mask = torch.zeros(1, 1, 16, 16)
    mask[..., 5:10, 6:11] = 1
    filled = biharmonic(torch.where(mask == 1, 0.0, across), mask)

    assert torch.allclose(filled, across, atol=1e-4)


def test_a_perfect_picture_scores_perfectly(ctx: FolderContext, models: TinyModels) -> None:
    puzzle = puzzles(SCENES, 0, 2)
    part = tally(puzzle, puzzle.image, puzzle.image, open_judge(ctx, models.judge), 32)

    assert part.hole_psnr == pytest.approx([100.0, 100.0])
    assert part.changed == 0
    assert part.shape == part.smooth_shape


def test_values_changed_outside_the_hole_are_counted(
    ctx: FolderContext, models: TinyModels
) -> None:
    puzzle = puzzles(SCENES, 0, 1)
    spoilt = puzzle.image.clone()
    y, x = torch.nonzero(puzzle.mask[0, 0] == 0)[0].tolist()
    spoilt[0, :2, y, x] = 1 - spoilt[0, :2, y, x].round()
    part = tally(puzzle, spoilt, puzzle.image, open_judge(ctx, models.judge), 32)

    assert part.changed == 2


def test_the_summary_is_a_mean_over_pictures_not_over_batches() -> None:
    one = Tally([True], [True], [10.0], [1.0], [False], 0)
    three = Tally([False] * 3, [True] * 3, [20.0] * 3, [2.0] * 3, [True] * 3, 5)
    figures = dict(summary([one, three]))

    assert figures["scenes"] == 4
    assert figures["colour right"] == 0.25
    assert figures["shape right"] == 1
    assert figures["hole PSNR, dB"] == 17.5
    assert figures["shape right by the biharmonic fill"] == 0.75
    assert figures["values changed outside the hole"] == 5


def test_the_node_measures_every_scene(ctx: FolderContext, models: TinyModels) -> None:
    given: dict[str, Any] = {
        "autoencoder": models.autoencoder,
        "unet": models.unet,
        "text_encoder": models.text_encoder,
        "judge": models.judge,
        "scenes": SCENES,
        "ctx": ctx,
        "steps": 2,
    }
    first = measure_inpainting(**given)
    figures = dict(first.metrics.figures)

    assert isinstance(first.metrics, Metrics)
    assert figures["scenes"] == 3
    assert figures["values changed outside the hole"] == 0
    assert first.sheet.data.shape == (1, 3, 4 * 36 + 4, 3 * 36 + 4)
    assert ctx.progressed == [(3, 3)]
    assert measure_inpainting(**given).metrics == first.metrics
    assert measure_inpainting(**given, seed=9).metrics != first.metrics
