import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.training.scenes import (
    VOCABULARY,
    Scene,
    SceneObject,
    caption,
    phrase,
    sample_scene,
    without,
)

BALL = SceneObject("sphere", "red", "large", -1.0, 0.0, 0.0)
BLOCK = SceneObject("cube", "blue", "small", 1.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("background", "end"),
    [("wooden", "on a wooden floor"), ("sand", "on sand"), ("night", "at night")],
)
def test_a_caption_reads_as_a_sentence_from_left_to_right(background: str, end: str) -> None:
    scene = Scene((BALL, BLOCK), background, 0.5, 0.8, 0.0, 0)
    assert caption(scene) == f"a large red sphere and a small blue cube {end}"


def test_an_empty_scene_is_called_by_its_place() -> None:
    scene = Scene((BALL,), "snow", 0.5, 0.8, 0.0, 0)
    assert caption(without(scene, 0)) == "on snow"


@given(st.integers(0, 2**31 - 1))
@settings(deadline=None, max_examples=100)
def test_captions_name_every_object_in_words_of_the_vocabulary(seed: int) -> None:
    scene = sample_scene(seed)
    words = caption(scene)
    places = [words.find(phrase(thing)) for thing in scene.objects]
    assert min(places) >= 0
    assert places == sorted(places)
    assert set(words.split()) <= set(VOCABULARY)


def test_every_word_of_the_vocabulary_is_used() -> None:
    said = {word for seed in range(300) for word in caption(sample_scene(seed)).split()}
    assert said == set(VOCABULARY)


def test_the_vocabulary_repeats_no_word() -> None:
    assert len(set(VOCABULARY)) == len(VOCABULARY)
