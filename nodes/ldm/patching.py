"""A network with some tensors exchanged, which shares all others with the one it came from."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from itertools import chain
from typing import TypeVar

from torch import Tensor, nn

NetworkT = TypeVar("NetworkT", bound=nn.Module)


def with_tensors(network: NetworkT, tensors: Mapping[str, Tensor]) -> NetworkT:
    """Return a copy of a network with other values in some places.

    Args:
        network: Not changed; both must only be read from now on, since they share memory.
        tensors: New values by name, of the same shapes.

    Raises:
        KeyError: The network has no tensor of that name.
    """
    shared = chain(network.parameters(), network.buffers())
    kept: dict[int, object] = {id(tensor): tensor for tensor in shared}
    copy = deepcopy(network, kept)  # what is in the memo is taken as it is
    for name, tensor in tensors.items():
        place, _, last = name.rpartition(".")
        module = copy.get_submodule(place)
        if last not in module._parameters:
            raise KeyError(name)
        module._parameters[last] = nn.Parameter(tensor, requires_grad=False)
    return copy
