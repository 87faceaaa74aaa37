"""Every published family is recognised from names and shapes, with the facts they do not show."""

import math

import pytest

from nodes.checkpoints.detection.checkpoint import detect
from nodes.checkpoints.layouts.unet import unet_shapes
from tests.nodes.checkpoints.zoo import ZOO, header_of


@pytest.mark.parametrize("family", ZOO)
def test_a_published_checkpoint_is_recognised_with_its_published_configs(family: str) -> None:
    published = ZOO[family]
    found = detect(header_of(published.shapes()), "model.safetensors")
    assert found.family == family
    assert found.config.unet == published.unet
    assert found.config.first_stage == published.first_stage
    assert found.unused == ()


@pytest.mark.parametrize("family", ZOO)
def test_the_zoo_has_the_published_number_of_tensors_and_parameters(family: str) -> None:
    published = ZOO[family]
    shapes = unet_shapes(published.unet)
    assert len(shapes) == published.tensors
    if published.millions:
        millions = sum(map(math.prod, shapes.values())) / 1e6
        assert millions == pytest.approx(published.millions, abs=0.01)
