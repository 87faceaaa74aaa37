import pytest
import torch

from engine.node import Facts, Inference
from nodes.dataset import draw_dataset
from nodes.dataset_parts import filter_dataset, take_pictures
from nodes.dataset_values import PictureSet
from nodes.values import Scenes
from tests.nodes.context import FolderContext


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> PictureSet:
    ctx = FolderContext(tmp_path_factory.mktemp("drawn"))
    return draw_dataset(Scenes(0, 24, 32, (1, 1)), ctx)


def test_only_captions_with_a_word_of_each_line_are_kept(pictures: PictureSet) -> None:
    kept = filter_dataset(pictures, "red, Orange, blue\nsphere,cone")
    notes, classes = kept.read_notes()

    assert 0 < len(notes) == len(kept.pictures) < len(pictures.pictures)
    assert {note.kind.split()[0] for note in notes} <= {"red", "orange", "blue"}
    assert {note.kind.split()[1] for note in notes} <= {"sphere", "cone"}
    assert classes == pictures.read_notes()[1]
    assert kept.labels is not None
    label = classes.index(notes[0].kind) + 1
    assert label in torch.unique(kept.labels[0]).tolist()


def test_no_words_keep_everything(pictures: PictureSet) -> None:
    assert torch.equal(filter_dataset(pictures, "\n ").pictures, pictures.pictures)


def test_words_that_no_caption_has_are_told(pictures: PictureSet) -> None:
    with pytest.raises(ValueError, match="none of 24 captions has the words 'zebra'; the first is"):
        filter_dataset(pictures, "zebra")


@pytest.mark.parametrize(("first", "count", "taken"), [(0, 3, 3), (22, 5, 2), (23, 1, 1)])
def test_pictures_are_taken_in_their_order_until_the_dataset_ends(
    pictures: PictureSet, first: int, count: int, taken: int
) -> None:
    found = take_pictures(pictures, first, count).data
    facts: dict[str, Facts] = {"pictures": pictures.facts}

    assert torch.equal(found * 255, pictures.pictures[first : first + taken].float())
    assert take_pictures.infer
    said = take_pictures.infer(Inference({"first": first, "count": count}, facts)) or {}
    assert said["image"] == {"w": 32, "h": 32, "n": taken}


def test_pictures_beyond_the_end_are_told(pictures: PictureSet) -> None:
    with pytest.raises(ValueError, match="there is no picture 24: the dataset has 24"):
        take_pictures(pictures, 24)
    assert take_pictures.review
    (found,) = take_pictures.review(Inference({"first": 24}, {"pictures": {"n": 24}}))
    assert found.expected == "0..23"
