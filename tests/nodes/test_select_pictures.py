import pytest
import torch

from nodes.dataset_values import Note, PictureSet, notes_bytes
from nodes.select_pictures import select_pictures

CAPTIONS = ("a red cube", "a blue cone and a RED CUBE", "a green sphere", "a red cone")


@pytest.fixture
def pictures() -> PictureSet:
    shades = torch.arange(4, dtype=torch.uint8)[:, None, None, None].expand(4, 3, 2, 2)
    notes = [Note(caption, kind=caption) for caption in CAPTIONS]
    return PictureSet(shades.contiguous(), shades[:, 0].contiguous(), notes_bytes(notes, CAPTIONS))


def kept(chosen: PictureSet) -> list[int]:
    assert chosen.labels is not None
    assert torch.equal(chosen.pictures[:, 0], chosen.labels)  # they stay together
    return [int(picture[0, 0, 0]) for picture in chosen.pictures]


def test_those_with_a_phrase_and_those_without_are_all(pictures: PictureSet) -> None:
    having = select_pictures(pictures, "with", "red cube, green")
    lacking = select_pictures(pictures, "without", "red cube, green")

    assert (kept(having), kept(lacking)) == ([0, 1, 2], [3])
    assert [note.caption for note in having.read_notes()[0]] == list(CAPTIONS[:3])
    assert having.read_notes()[1] == CAPTIONS


def test_the_first_of_them_can_be_had_alone(pictures: PictureSet) -> None:
    assert kept(select_pictures(pictures, "without", "", most=2)) == [0, 1]


def test_keeping_nothing_is_refused_with_what_was_asked(pictures: PictureSet) -> None:
    with pytest.raises(ValueError, match="none of the 4 pictures has a caption with 'purple'"):
        select_pictures(pictures, "with", "purple")
