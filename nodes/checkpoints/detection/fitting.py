"""Whether what a file stores is what a network needs, tensor by tensor."""

from __future__ import annotations

from collections.abc import Mapping

from nodes.checkpoints.layouts.shapes import Shape
from nodes.checkpoints.source import KeyMap, Source

_SHOWN = 3


def check_fit(expected: Mapping[str, Shape], names: KeyMap, stored: Mapping[str, Shape]) -> None:
    """Hold a file to an exact list.

    Args:
        expected: Shapes of the network's tensors, by our name.
        names: Where each is stored.
        stored: Shapes in the file.

    Raises:
        ValueError: A tensor is missing or has a shape that cannot be ours.
    """
    missing = sorted(names[ours].name for ours in expected if names[ours].name not in stored)
    if missing:
        raise ValueError(f"{len(missing)} tensors are missing, first {', '.join(missing[:_SHOWN])}")
    for ours, shape in expected.items():
        source = names[ours]
        if not fits(source, stored[source.name], shape):
            raise ValueError(
                f"tensor {source.name!r} has shape {list(stored[source.name])},"
                f" its network expects {list(shape)}"
            )


def fits(source: Source, stored: Shape, ours: Shape) -> bool:
    """Tell whether a stored tensor, or a part of it, is ours but for axes of length 1."""
    if not stored or stored[0] % source.parts:
        return stored == ours
    part = (stored[0] // source.parts, *stored[1:])
    if source.transposed:
        part = (*part[:-2], part[-1], part[-2])
    return _without_ones(part) == _without_ones(ours)


def _without_ones(shape: Shape) -> Shape:
    return tuple(length for length in shape if length != 1)
