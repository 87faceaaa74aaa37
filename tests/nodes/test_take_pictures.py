import pytest
import torch

from engine.node import Facts, Inference
from nodes.dataset import draw_dataset
from nodes.dataset_values import PictureSet
from nodes.take_pictures import take_pictures
from nodes.values import Scenes
from tests.nodes.context import FolderContext


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> PictureSet:
    ctx = FolderContext(tmp_path_factory.mktemp("drawn"))
    return draw_dataset(Scenes(0, 24, 32, (1, 1)), ctx)


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
