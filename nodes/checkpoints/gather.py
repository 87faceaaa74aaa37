"""Bring stored tensors to the form a network has them in, as its key map says."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from nodes.checkpoints.source import Source


def gathered(source: Source, shape: tuple[int, ...], stored: Callable[[str], Tensor]) -> Tensor:
    """Return one tensor of ours.

    Args:
        source: Where it is stored.
        shape: Its shape with us.
        stored: Reads a stored tensor by name.

    Raises:
        RuntimeError: What is stored cannot have that shape; check the header first.
    """
    tensor = stored(source.name)
    if source.parts > 1:
        tensor = tensor.chunk(source.parts)[source.part]
    if source.transposed:
        tensor = tensor.transpose(-1, -2)
    if source.joined:
        tensor = _in_turn([tensor, *map(stored, source.joined)], source.turns)
    return tensor.reshape(shape)


def _in_turn(tensors: list[Tensor], turns: int) -> Tensor:
    """Lay tensors behind each other, one of `turns` parts of each at a time."""
    return torch.cat([t.reshape(turns, -1, *t.shape[1:]) for t in tensors], dim=1).flatten(0, 1)
