"""A patched network is a new one that costs only the tensors that differ."""

import pytest
import torch
from torch import nn

from nodes.ldm.patching import with_tensors


def network() -> nn.Sequential:
    return nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 2)).eval()


def test_only_the_patched_tensor_differs_and_the_rest_is_shared() -> None:
    base = network()
    before = {name: tensor.clone() for name, tensor in base.state_dict().items()}
    patched = with_tensors(base, {"0.weight": torch.zeros(8, 4)})
    for name, tensor in patched.state_dict().items():
        assert torch.equal(base.state_dict()[name], before[name])
        shared = tensor.data_ptr() == base.state_dict()[name].data_ptr()
        assert shared == (name != "0.weight")
    assert patched.get_parameter("0.weight").count_nonzero() == 0


def test_a_patched_network_can_be_patched_again() -> None:
    once = with_tensors(network(), {"0.weight": torch.zeros(8, 4)})
    twice = with_tensors(once, {"2.bias": torch.ones(2)})
    assert torch.equal(twice.get_parameter("2.bias"), torch.ones(2))
    assert twice.get_parameter("0.weight") is once.get_parameter("0.weight")


def test_a_name_that_is_not_there_is_refused() -> None:
    with pytest.raises(KeyError, match="scale"):
        with_tensors(network(), {"0.scale": torch.ones(1)})
