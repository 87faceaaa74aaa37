"""Denoise a latent larger than the network was trained on, window by window in every step.

All windows are taken at one noise level and blended before the sampler goes on, so that they agree
(MultiDiffusion, Bar-Tal et al. 2023, arXiv:2302.08113, Eq. 5; weights fall off to the rim).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from torch import Tensor

from nodes.ldm.guidance import Network
from nodes.ldm.prepared import Context, prepared_by
from nodes.ldm.windows import Span, blended


@runtime_checkable
class Placed(Protocol):
    """A network that sees more than the latent and must know which window it is shown."""

    def window(self, rows: Span, columns: Span) -> Network:
        """The network for one window of the latent."""


def in_windows(network: Network, tile: int, overlap: int) -> Network:
    """Bind a network to windows of `tile` latent cells; memory is bounded by one window.

    Args:
        network: The denoising network.
        tile: Side of a window in latent cells, a multiple of the network's stride.
        overlap: How many cells two windows share.
    """
    return _InWindows(network, tile, overlap)


@dataclass(frozen=True, eq=False)
class _InWindows:
    network: Network
    tile: int
    overlap: int

    def __call__(
        self, x: Tensor, timesteps: Tensor, context: Context | None = None, y: Tensor | None = None
    ) -> Tensor:
        network, context = self.network, self.prepare(context)

        def one(window: Tensor, rows: Span, columns: Span) -> Tensor:
            part = network.window(rows, columns) if isinstance(network, Placed) else network
            return part(window, timesteps, context, y)

        return blended(x, self.tile, self.overlap, one)

    def prepare(self, context: Context | None) -> Context | None:
        """Prepare a context as the network does: all windows are told the same."""
        return prepared_by(self.network, context)
