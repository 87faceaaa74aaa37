import random
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.training.scenes import HELD_OUT, Scene, caption, replaced, sample_scene, without
from nodes.training.scenes.scene import EDGE, GAP, SIDE, VISIBLE, gap_between, visible_share

seeds = st.integers(0, 2**53 - 1)


@given(seeds)
@settings(deadline=None, max_examples=50)
def test_a_seed_always_gives_the_same_scene(seed: int) -> None:
    assert sample_scene(seed) == sample_scene(seed)


def test_a_seed_gives_the_scene_that_it_gave_when_models_were_trained_on_it() -> None:
    scene = sample_scene(7, (3, 3))
    assert caption(scene) == (
        "a small orange sphere and a small yellow cylinder and a small red cone on sand"
    )
    assert scene.objects[0].box == pytest.approx(
        (21.5679351, 59.8252978, 48.3826854, 86.4736023), abs=1e-6
    )


def test_sampling_leaves_the_shared_generator_alone() -> None:
    before = random.getstate()
    sample_scene(3)
    assert random.getstate() == before


@given(seeds)
@settings(deadline=None, max_examples=100)
def test_objects_keep_their_distance_and_stay_visible_inside_the_picture(seed: int) -> None:
    things = sample_scene(seed).objects
    assert all(gap_between(a, b) >= GAP for a, b in combinations(things, 2))
    assert all(visible_share(thing, things) >= VISIBLE for thing in things)
    for thing in things:
        x0, y0, x1, y1 = thing.box
        assert EDGE <= x0 < x1 <= SIDE - EDGE
        assert EDGE <= y0 < y1 <= SIDE - EDGE


@given(seeds, st.integers(1, 4), st.integers(0, 3))
@settings(deadline=None, max_examples=50)
def test_a_scene_has_as_many_objects_as_asked_for(seed: int, fewest: int, more: int) -> None:
    most = min(4, fewest + more)
    assert fewest <= len(sample_scene(seed, (fewest, most)).objects) <= most


@pytest.mark.parametrize("objects", [(0, 2), (3, 2), (1, 5)])
def test_impossible_numbers_of_objects_are_refused(objects: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="1 <= fewest <= most <= 4"):
        sample_scene(0, objects)


@given(seeds)
@settings(deadline=None, max_examples=50)
def test_objects_are_ordered_from_left_to_right_and_called_differently(seed: int) -> None:
    things = sample_scene(seed).objects
    centres = [(thing.box[0] + thing.box[2]) / 2 for thing in things]
    assert centres == sorted(centres)
    assert len({(thing.shape, thing.colour) for thing in things}) == len(things)


def test_held_out_seeds_give_scenes_that_training_seeds_do_not() -> None:
    train = {replace(sample_scene(seed), seed=0) for seed in range(200)}
    held_out = {replace(sample_scene(HELD_OUT + i), seed=0) for i in range(200)}
    assert not train & held_out


def test_taking_an_object_away_keeps_everything_else() -> None:
    scene = sample_scene(1, (3, 3))
    left = without(scene, 1)
    assert left.objects == (scene.objects[0], scene.objects[2])
    assert replace(left, objects=scene.objects) == scene


def test_replacing_an_object_changes_only_what_is_named() -> None:
    scene = sample_scene(1, (2, 2))
    changed = replaced(scene, 1, shape="cone", colour="pink").objects
    assert changed[0] == scene.objects[0]
    assert changed[1] == replace(scene.objects[1], shape="cone", colour="pink")


def test_an_object_cannot_be_made_to_grow_into_its_neighbour() -> None:
    scene = _side_by_side("small", 1.4)
    with pytest.raises(ValueError, match="does not fit"):
        replaced(scene, 0, size="large")
    assert replaced(_side_by_side("small", 3.0), 0, size="large").objects[0].size == "large"


def test_unknown_words_are_refused_with_the_known_ones() -> None:
    scene = sample_scene(0)
    with pytest.raises(ValueError, match="shape 'torus' is unknown; choose one of sphere"):
        replaced(scene, 0, shape="torus")
    with pytest.raises(ValueError, match="background 'sea' is unknown; choose one of wooden"):
        replace(scene, background="sea")


def _side_by_side(size: str, apart: float) -> Scene:
    scene = sample_scene(0)
    thing = replace(scene.objects[0], size=size, x=-apart / 2, z=0.0)
    return replace(scene, objects=(thing, replace(thing, x=apart / 2)))
