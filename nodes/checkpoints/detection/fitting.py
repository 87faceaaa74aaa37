"""Whether what a file stores is what a network needs, tensor by tensor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
    wanted = {name for ours in expected for name in names[ours].names}
    missing = sorted(wanted - stored.keys())
    if missing:
        raise ValueError(f"{len(missing)} tensors are missing, first {', '.join(missing[:_SHOWN])}")
    for ours, shape in expected.items():
        source = names[ours]
        found = [stored[name] for name in source.names]
        if not fits(source, found, shape):
            raise ValueError(
                f"tensor {source.name!r} has shape {list(found[0])},"
                f" its network expects {list(shape)}"
            )


def fits(source: Source, stored: Sequence[Shape], ours: Shape) -> bool:
    """Tell whether what is stored is ours but for axes of length 1.

    Args:
        source: Which part of it, or how several are joined.
        stored: Shapes of the tensors that `source.names` lists.
        ours: The shape wanted.
    """
    first, rest = stored[0][:1], stored[0][1:]
    if not first:
        return ours == ()
    length = sum(shape[0] if shape else 0 for shape in stored)
    if length % source.parts or any(shape[1:] != rest for shape in stored):
        return False
    part = (length // source.parts, *rest)
    if source.transposed:
        part = (*part[:-2], part[-1], part[-2])
    return _without_ones(part) == _without_ones(ours)


def _without_ones(shape: Shape) -> Shape:
    return tuple(length for length in shape if length != 1)
