import torch

from nodes.measuring.objects import SMALLEST, Found, asked_and_found, objects_in

NAMES = ("red cube", "blue cone", "red cone")


def test_each_patch_of_a_label_is_an_object_from_left_to_right() -> None:
    labels = torch.zeros(40, 60, dtype=torch.int64)
    labels[5:20, 40:55] = 1
    labels[10:30, 2:12] = 2
    labels[20:35, 20:35] = 1
    labels[0:2, 0:3] = 3  # a speck

    found = objects_in(labels, NAMES)

    assert [thing.name for thing in found] == ["blue cone", "red cube", "red cube"]
    assert [round(thing.x) for thing in found] == [6, 27, 47]
    assert SMALLEST > 6


def test_swapped_colours_keep_colours_and_shapes_but_no_class() -> None:
    asked = [["red cube", "blue cone"]]
    swapped = [[Found("blue cube", 3), Found("red cone", 9)]]

    figures = asked_and_found(asked, swapped)

    assert (figures["colour right"], figures["shape right"], figures["number right"]) == (1, 1, 1)
    assert (figures["class right"], figures["order right"]) == (0, 0)


def test_what_is_missing_or_once_too_few_is_wrong() -> None:
    asked = [["red cube", "red cube"], ["blue cone", "red cone"]]
    found = [[Found("red cube", 3)], [Found("red cone", 2), Found("blue cone", 9)]]

    figures = asked_and_found(asked, found)

    assert figures["class right"] == 0.75
    assert figures["number right"] == 0.5
    assert figures["order right"] == 0  # one cube is left of nothing; the cones have changed places


def test_what_is_as_asked_is_all_right() -> None:
    asked = [["blue cone", "red cone"], ["red cube"]]
    found = [[Found("blue cone", 2), Found("red cone", 9)], [Found("red cube", 5)]]

    assert set(asked_and_found(asked, found).values()) == {1.0}
