"""Load a network of ours from tensors in another layout, as a test sees it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from nodes.checkpoints.gather import gathered
from nodes.checkpoints.source import KeyMap

NetworkT = TypeVar("NetworkT", bound=nn.Module)


def randomized(network: NetworkT) -> NetworkT:
    """Draw every weight from N(0, 0.05), norm gains from N(1, 0.05); zero-init layers too."""
    generator = torch.Generator().manual_seed(0)
    for name, parameter in network.named_parameters():
        nn.init.normal_(parameter, std=0.05, generator=generator)
        if parameter.ndim == 1 and name.endswith("weight"):
            parameter.data += 1.0
    return network.eval()


def filled(network: NetworkT, names: KeyMap, stored: Mapping[str, Tensor]) -> NetworkT:
    """Fill a network through its key map, every tensor of it."""
    network.load_state_dict(
        {
            ours: gathered(names[ours], tuple(tensor.shape), stored.__getitem__)
            for ours, tensor in network.state_dict().items()
        }
    )
    return network.eval()


def places(names: KeyMap) -> set[str]:
    """All stored tensors that a key map names."""
    return {name for source in names.values() for name in source.names}


def error(got: Tensor, expected: Tensor) -> float:
    """Largest difference, relative to the largest value expected."""
    return float((got - expected).abs().max() / expected.abs().max())


def config_json(reference: Any) -> dict[str, Any]:
    """The config.json that diffusers would save beside a network."""
    document: dict[str, Any] = json.loads(reference.to_json_string())
    return document


def respelled(names: Iterable[str], spellings: Mapping[str, str]) -> set[str]:
    """Names with some of their modules called otherwise."""
    found = set()
    for name in names:
        *modules, kind = name.split(".")
        place = f".{'.'.join(modules)}."
        for new, old in spellings.items():
            place = place.replace(f".{new}.", f".{old}.")
        found.add(f"{place.strip('.')}.{kind}")
    return found
