from pathlib import Path

import pytest
import torch
from torch import Tensor

from nodes.ldm.config import JudgeConfig
from nodes.ldm.judge import JudgeNetwork
from nodes.training.judge import (
    finished_judge,
    judge_config,
    judge_loss,
    judge_trainer,
    labels_of,
    verdicts,
    windows_of,
)
from nodes.training.optimizer import Recipe, seeded, step_generator
from nodes.training.pool import ScenePool, draw_pool
from nodes.training.scenes import COLOURS, SHAPES

TINY = JudgeConfig(window=16, width=8, colours=COLOURS, shapes=SHAPES)


@pytest.fixture(scope="module")
def pool() -> ScenePool:
    return draw_pool(0, 6, 64, (1, 2))


def test_a_window_is_the_square_around_its_box() -> None:
    x = torch.zeros(1, 3, 40, 40)
    x[..., 10:30, 12:28] = 1
    inside = windows_of(x, [(12, 10, 28, 30)], 20, margin=1.0)
    wide = windows_of(x, [(12, 10, 28, 30)], 20, margin=2.0)

    assert inside.shape == (1, 3, 20, 20)
    assert bool((inside[..., 3:17] == 1).all())
    assert bool((inside[..., :2] == 0).all())
    assert float(wide.mean()) == pytest.approx(0.2, abs=0.03)


def test_a_window_beyond_the_picture_repeats_its_edge() -> None:
    x = torch.full((1, 3, 20, 20), 0.5)

    assert torch.allclose(windows_of(x, [(-9, -9, 5, 5)], 8), torch.tensor(0.5))


def test_labels_are_places_in_the_judges_own_lists(pool: ScenePool) -> None:
    things = pool.scenes[0].objects
    colours, shapes = labels_of(things, TINY)

    assert [COLOURS[i] for i in colours.tolist()] == [thing.colour for thing in things]
    assert [SHAPES[i] for i in shapes.tolist()] == [thing.shape for thing in things]


def test_an_untrained_judge_is_as_unsure_as_chance(pool: ScenePool) -> None:
    network = JudgeNetwork(TINY)
    torch.nn.init.zeros_(network.colour.weight)
    torch.nn.init.zeros_(network.colour.bias)
    torch.nn.init.zeros_(network.shape.weight)
    torch.nn.init.zeros_(network.shape.bias)
    loss = judge_loss(network, pool, 8)(step_generator(0, 0))
    chance = torch.tensor(len(COLOURS) * len(SHAPES)).log()

    assert float(loss.detach()) == pytest.approx(float(chance), rel=1e-5)


def windows_seen(size: int) -> Tensor:
    """The windows of one training step over scenes of `size` pixels."""
    network = JudgeNetwork(TINY)
    seen: list[Tensor] = []
    network.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    judge_loss(network, draw_pool(0, 6, size, (1, 1)), 64)(step_generator(0, 0))
    return seen[0]


def test_windows_hold_the_objects_whatever_the_size_of_the_pictures() -> None:
    small, large = windows_seen(64), windows_seen(128)

    assert float((small - large).abs().mean()) < 0.1


def test_a_judge_learns_what_it_is_shown(pool: ScenePool, tmp_path: Path) -> None:
    recipe = Recipe(60, 16, 5e-3, warmup=5, ema=0.9)
    trainer = judge_trainer(TINY, recipe, pool, torch.device("cpu"), tmp_path)
    losses = [step.loss for step in trainer.train()]
    judge = finished_judge(TINY, trainer)
    scene = pool.scenes[0]
    x = pool.pictures(0, 1).expand(len(scene.objects), -1, -1, -1)
    colours, shapes = verdicts(judge, x, [thing.box_at(64) for thing in scene.objects])

    assert sum(losses[-5:]) < 0.3 * sum(losses[:5])
    assert [COLOURS[i] for i in colours.tolist()] == [thing.colour for thing in scene.objects]
    assert [SHAPES[i] for i in shapes.tolist()] == [thing.shape for thing in scene.objects]
    assert not judge.training


def test_the_judge_of_the_scenes_knows_all_their_colours_and_shapes() -> None:
    with seeded(0):
        by_colour, by_shape = JudgeNetwork(judge_config())(torch.zeros(2, 3, 48, 48))

    assert by_colour.shape == (2, len(COLOURS))
    assert by_shape.shape == (2, len(SHAPES))
