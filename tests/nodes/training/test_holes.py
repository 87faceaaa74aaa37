import random
from collections import Counter

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nodes.training.holes import (
    NOTHING,
    any_hole,
    box_mask,
    ellipse_around,
    hole_around,
    sample_example,
    widened,
)
from nodes.training.scenes import caption, render, sample_scene
from nodes.training.words import TOKENIZER

SIZE = 64
seeds = st.integers(0, 10_000)


def kind_of(seed: int) -> str:
    example = sample_example(seed, 32)
    if example.prompt == NOTHING:
        return "nothing"
    return "whole" if bool((example.mask == 1).all()) else "object"


@given(seeds, seeds)
def test_a_hole_covers_its_object(seed: int, chance: int) -> None:
    scene = sample_scene(seed)
    thing = scene.objects[0]
    mask = hole_around(thing, SIZE, random.Random(chance))  # noqa: S311 - as holes.py
    shown = render([scene], SIZE).segmentation == 1

    assert mask.shape == (1, SIZE, SIZE)
    assert set(mask.flatten().tolist()) <= {0.0, 1.0}
    assert bool((mask[shown] == 1).all())
    assert float(mask.mean()) < 0.9


def test_kinds_of_examples_come_in_the_shares_that_are_told() -> None:
    """Within 4 standard errors of 65, 20 and 15 per cent over 600 examples."""
    kinds = Counter(kind_of(seed) for seed in range(600))

    for kind, share in (("object", 0.65), ("whole", 0.20), ("nothing", 0.15)):
        assert kinds[kind] / 600 == pytest.approx(share, abs=4 * (share * (1 - share) / 600) ** 0.5)


def test_words_name_what_is_in_the_hole() -> None:
    for seed in range(120):
        example = sample_example(seed, 32)
        named = {(thing.colour, thing.shape) for thing in example.scene.objects}
        words = example.prompt.split()
        if kind_of(seed) == "whole":
            assert example.prompt == caption(example.scene)
        elif kind_of(seed) == "object":
            assert any(colour in words and shape in words for colour, shape in named)
        assert TOKENIZER.unknown(example.prompt) == []
        assert TOKENIZER.unread(example.prompt) == []


def test_nothing_is_asked_where_an_object_was_taken_away() -> None:
    seed = next(seed for seed in range(100) if kind_of(seed) == "nothing")
    example, original = sample_example(seed, SIZE), sample_scene(seed, (1, 3))
    gone = [thing for thing in original.objects if thing not in example.scene.objects]
    x0, y0, x1, y1 = (round(edge) for edge in gone[0].box_at(SIZE))

    assert len(gone) == 1
    assert bool((example.mask[0, y0:y1, x0:x1] == 1).float().mean() > 0.95)


def test_an_example_belongs_to_its_seed() -> None:
    one, again, other = (sample_example(seed, 32) for seed in (5, 5, 6))

    assert (one.scene, one.prompt) == (again.scene, again.prompt)
    assert torch.equal(one.mask, again.mask)
    assert one.scene != other.scene


def test_an_orange_object_is_called_an_orange_one() -> None:
    prompts = [sample_example(seed, 32).prompt for seed in range(300)]

    assert any(prompt.startswith("an orange") for prompt in prompts)
    assert not any(prompt.startswith("a orange") for prompt in prompts)


def test_a_box_holds_the_pixels_whose_centres_it_holds() -> None:
    mask = box_mask((1.0, 2.5, 3.0, 9.0), 5)[0]

    assert mask.tolist() == [
        [0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0],
        [0, 1, 1, 0, 0],
        [0, 1, 1, 0, 0],
        [0, 1, 1, 0, 0],
    ]


@given(st.floats(8, 30), st.floats(8, 30), st.floats(32, 56), st.floats(32, 56))
def test_an_ellipse_covers_its_box_and_little_more(
    x0: float, y0: float, x1: float, y1: float
) -> None:
    box = (x0, y0, x1, y1)
    ellipse = ellipse_around(box, SIZE)
    reach = max(x1 - x0, y1 - y0) * 0.21 + 1  # (sqrt 2 - 1) / 2

    assert bool((ellipse >= box_mask(widened(box, -1e-3), SIZE)).all())
    assert bool((ellipse <= box_mask(widened(box, reach), SIZE)).all())


def test_widening_moves_every_edge_outwards() -> None:
    assert widened((1, 2, 3, 4), 0.5) == (0.5, 1.5, 3.5, 4.5)


@given(seed=st.integers(0, 10**6))
def test_a_hole_for_any_picture_belongs_to_its_seed_and_is_never_empty(seed: int) -> None:
    mask = any_hole(seed, 32)

    assert torch.equal(mask, any_hole(seed, 32))
    assert mask.shape == (1, 32, 32)
    assert torch.equal(mask, mask.round())
    assert mask.sum() > 16


def test_holes_for_any_picture_differ_and_some_take_everything() -> None:
    holes = [any_hole(seed, 32) for seed in range(100)]

    assert len({hole.numpy().tobytes() for hole in holes}) > 80
    assert 0 < sum(bool(hole.all()) for hole in holes) < 25
