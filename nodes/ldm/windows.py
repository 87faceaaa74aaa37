"""Cover a large map by overlapping windows and blend what is computed in each.

The weight of a window falls off linearly over the overlap, so that no seam shows; the weights of
all windows at a place sum to 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

Span = tuple[int, int]


def spans(length: int, tile: int, overlap: int) -> list[Span]:
    """Return begin and end of windows that cover 0..length, each but a lone one `tile` long.

    Raises:
        ValueError: The windows would not move on.
    """
    if not 0 <= overlap < tile:
        raise ValueError(f"overlap is {overlap}, expected less than the tile of {tile}")
    if length <= tile:
        return [(0, length)]
    starts = [*range(0, length - tile, tile - overlap), length - tile]
    return [(start, start + tile) for start in starts]


def blended(
    x: Tensor, tile: int, overlap: int, compute: Callable[[Tensor, Span, Span], Tensor]
) -> Tensor:
    """Compute window by window, one at a time, and blend.

    Args:
        x: B C H W.
        tile: Side of a window.
        overlap: How much two windows share.
        compute: (B C h w, its rows, its columns) -> B C' s h s w, the same s and C' for all.

    Returns:
        B C' s H s W.
    """
    total: Tensor | None = None
    for rows, columns in _windows(x, tile, overlap):
        part = compute(x[..., slice(*rows), slice(*columns)], rows, columns)
        scale = part.shape[-1] // (columns[1] - columns[0])
        if total is None:
            height, width = x.shape[-2] * scale, x.shape[-1] * scale
            total = part.new_zeros(*part.shape[:2], height, width)
            weights = part.new_zeros(height, width)
        top, left = (slice(begin * scale, end * scale) for begin, end in (rows, columns))
        weight = _weight(part, overlap * scale)
        total[..., top, left] += part * weight
        weights[top, left] += weight
    assert total is not None  # noqa: S101 - there is at least one window
    return total / weights


def _windows(x: Tensor, tile: int, overlap: int) -> Iterator[tuple[Span, Span]]:
    for rows in spans(x.shape[-2], tile, overlap):
        for columns in spans(x.shape[-1], tile, overlap):
            yield rows, columns


def _weight(part: Tensor, overlap: int) -> Tensor:
    """A plateau that falls off towards all sides, h w, above 0."""
    sides = []
    for length in part.shape[-2:]:
        inside = torch.arange(length, device=part.device, dtype=torch.float32)
        near = torch.minimum(inside, length - 1 - inside) + 1
        sides.append((near / (overlap + 1)).clamp(max=1))
    return (sides[0][:, None] * sides[1][None, :]).to(part.dtype)
