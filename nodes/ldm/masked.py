"""Repaint a part of a latent with any denoiser: what is kept is put back at every noise level.

Where the mask is 0 the estimate is the known latent, and the noisy latent is the known one with the
start's own noise at the level asked for; a sampler then carries it to its end unchanged. It is the
way of RePaint (Lugmayr et al. 2022, arXiv:2201.09865, Eq. 8) with one noise for all levels and
without going back.
"""

from __future__ import annotations

from torch import Tensor

from nodes.ldm.denoiser import Denoiser


def repainting(denoise: Denoiser, known: Tensor, mask: Tensor, eps: Tensor) -> Denoiser:
    """Bind a denoiser to what it may not change.

    Args:
        denoise: D(x, sigma), x in the variance-exploding frame.
        known: The latent to keep, B c h w.
        mask: 1 where to repaint, 0 where to keep, B 1 h w; between them both are mixed.
        eps: The noise of the start, B c h w.
    """

    def repaint(x: Tensor, sigma: float) -> Tensor:
        x = mask * x + (1 - mask) * (known + sigma * eps)
        return mask * denoise(x, sigma) + (1 - mask) * known

    return repaint
