import pytest
import torch

from engine.node import Inference, Node
from nodes.scenes import draw_scene, draw_scenes, render_scenes
from nodes.training.scenes import sample_scene
from nodes.training.words import TOKENIZER
from nodes.values import Scenes
from tests.nodes.context import FolderContext


def test_naming_scenes_draws_nothing() -> None:
    assert draw_scenes(seed=5, count=1_000_000, size=64, fewest=2, most=3) == Scenes(
        5, 1_000_000, 64, (2, 3)
    )


@pytest.mark.parametrize("drawing", [draw_scenes, draw_scene], ids=lambda node: node.name)
def test_fewer_at_most_than_at_least_is_refused(drawing: Node[..., object]) -> None:
    assert drawing.review
    (found,) = drawing.review(Inference({"fewest": 3, "most": 2}, {}))

    assert found.message == "`fewest` is 3 but `most` is 2"
    assert [(edit.input, edit.value) for edit in found.fixes[0].edits] == [
        ("fewest", 2),
        ("most", 3),
    ]


def test_a_scene_comes_with_a_hole_around_the_thing_it_names() -> None:
    scene = draw_scene(seed=7, size=64, thing=0, margin=2)
    first = sample_scene(7).objects[0]
    x0, y0, x1, y1 = (round(edge) for edge in first.box_at(64))

    assert scene.image.data.shape == (1, 3, 64, 64)
    assert scene.mask.data.shape == (1, 1, 64, 64)
    assert bool((scene.mask.data[..., y0:y1, x0:x1] == 1).all())
    assert scene.phrase == f"a {first.size} {first.colour} {first.shape}"
    assert scene.phrase in scene.caption
    assert TOKENIZER.unknown(scene.caption) == []


def test_the_last_thing_is_taken_when_there_are_fewer() -> None:
    last = draw_scene(seed=7, size=32, fewest=2, most=2, thing=1)

    assert draw_scene(seed=7, size=32, fewest=2, most=2, thing=3).phrase == last.phrase


def test_a_wider_margin_makes_a_wider_hole() -> None:
    small, large = (draw_scene(seed=7, size=64, margin=m).mask.data for m in (0, 9))

    assert bool((small <= large).all())
    assert float(large.sum()) > float(small.sum())


def test_rendered_scenes_are_the_ones_that_were_named(ctx: FolderContext) -> None:
    batch = render_scenes(draw_scenes(seed=11, count=3, size=32, fewest=1, most=2), ctx).data

    assert batch.shape == (3, 3, 32, 32)
    for k in range(3):
        alone = draw_scene(seed=11 + k, size=32, fewest=1, most=2).image.data
        assert torch.allclose(batch[k : k + 1], alone, atol=0.5 / 255 + 1e-6)
    assert ctx.progressed[-1] == (3, 3)
