import pytest
import torch

from nodes.checkpoints.layouts.text import class_shapes, label_map_shapes
from nodes.ldm.class_embedding import ClassEmbedding, LabelMap
from nodes.ldm.text_config import ClassConfig, LabelMapConfig


def test_a_class_is_one_token() -> None:
    network = ClassEmbedding(ClassConfig(classes=5, width=8))
    tokens = network(torch.tensor([3, 0, 3]))

    assert tokens.shape == (3, 1, 8)
    assert torch.equal(tokens[0, 0], network.embedding.weight[3])
    assert torch.equal(tokens[0], tokens[2])


def test_a_label_map_of_one_label_becomes_that_labels_channels() -> None:
    network = LabelMap(LabelMapConfig(labels=4, channels=3, halvings=2))
    labels = torch.zeros(1, 4, 16, 24)
    labels[:, 2] = 1
    channels = network(labels)

    assert channels.shape == (1, 3, 4, 6)
    column = network.channel_mapper.weight[:, 2]
    assert torch.allclose(channels, column[None].expand_as(channels), atol=1e-6)


@pytest.mark.parametrize("halvings", [0, 1, 2, 3])
def test_scaling_down_mixes_labels_where_they_meet(halvings: int) -> None:
    """A halving by bilinear interpolation is the mean of two by two cells."""
    network = LabelMap(LabelMapConfig(labels=2, channels=2, halvings=halvings))
    network.channel_mapper.weight.data = torch.eye(2)[..., None, None]
    labels = (torch.rand(1, 1, 16, 16, generator=torch.Generator().manual_seed(0)) < 0.5).float()
    labels = torch.cat([labels, 1 - labels], dim=1)
    side = 2**halvings

    expected = torch.nn.functional.avg_pool2d(labels, side) if halvings else labels
    assert torch.allclose(network(labels), expected, atol=1e-6)


def test_the_exact_lists_name_their_tensors() -> None:
    classes, labels = ClassConfig(classes=5, width=8), LabelMapConfig()
    for network, shapes in (
        (ClassEmbedding(classes), class_shapes(classes)),
        (LabelMap(labels), label_map_shapes(labels)),
    ):
        assert {n: tuple(t.shape) for n, t in network.state_dict().items()} == shapes
