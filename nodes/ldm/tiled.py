"""Run the first stage window by window, so that memory is bounded by one window.

Approximate: its normalisation and its middle attention look at all they are given, so a window
gives a little else than the same place of the whole.
"""

from __future__ import annotations

import torch
from torch import Tensor

from nodes.ldm.autoencoder import Autoencoder
from nodes.ldm.windows import Span, blended

OVERLAP = 4
"""Windows share one part in so many of their side."""
ENCODED_AT_ONCE = 8
"""Pictures that are encoded at a time; few stay in the processor's cache."""


def decoded(network: Autoencoder, z: Tensor, tile: int = 0) -> Tensor:
    """Decode unscaled latents.

    Args:
        network: The first stage.
        z: B c h w.
        tile: Side of a window in pixels; 0 decodes the whole.

    Returns:
        B C H W, about [-1, 1].
    """
    cells = tile // network.config.factor
    if not cells or max(z.shape[-2:]) <= cells:
        return network.decode(z)
    return blended(z, cells, cells // OVERLAP, lambda part, rows, columns: network.decode(part))


def encoded(network: Autoencoder, x: Tensor, tile: int = 0) -> Tensor:
    """Encode pictures to the mean of their posterior, unscaled.

    Args:
        network: The first stage.
        x: B C H W in [-1, 1].
        tile: Side of a window in pixels; 0 encodes the whole.

    Returns:
        B c h w.
    """
    factor = network.config.factor
    cells = tile // factor
    if not cells or max(x.shape[-2:]) <= tile:
        return _mean(network, x)

    def one(grid: Tensor, rows: Span, columns: Span) -> Tensor:
        del grid
        (top, bottom), (left, right) = rows, columns
        window = x[..., top * factor : bottom * factor, left * factor : right * factor]
        return _mean(network, window)

    return blended(x[..., ::factor, ::factor], cells, cells // OVERLAP, one)


def _mean(network: Autoencoder, x: Tensor) -> Tensor:
    parts = torch.split(x, ENCODED_AT_ONCE)
    return torch.cat([network.posterior(network.encode(part)).mean for part in parts]).float()
