"""The blocks of an exact list: tensor names and shapes of the layers networks are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

Shape = tuple[int, ...]
Named = Iterator[tuple[str, Shape]]


def below(prefix: str, tensors: Iterable[tuple[str, Shape]]) -> Named:
    """Put a prefix and a dot before every name."""
    return ((f"{prefix}.{name}", shape) for name, shape in tensors)


def norm(width: int) -> Named:
    """A group or layer normalisation."""
    yield "weight", (width,)
    yield "bias", (width,)


def linear(inner: int, outer: int, *, bias: bool = True) -> Named:
    """A linear map of `inner` to `outer` features."""
    yield "weight", (outer, inner)
    if bias:
        yield "bias", (outer,)


def conv(inner: int, outer: int, *kernel: int) -> Named:
    """A convolution of `inner` to `outer` channels."""
    yield "weight", (outer, inner, *kernel)
    yield "bias", (outer,)


def embedding(count: int, width: int) -> Named:
    """A learnt vector for each of `count` things."""
    yield "weight", (count, width)
