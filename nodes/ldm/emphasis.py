"""What the weight of a token does to its vector, as the tools around Stable Diffusion have it.

K chunks of T tokens of width D; a weight of 1 leaves a token as it is in both.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from nodes.ldm.prompt import Weights

Emphasis = Callable[[Tensor, Tensor, Tensor], Tensor]


def from_empty(z: Tensor, empty: Tensor, weights: Tensor) -> Tensor:
    """Go from the empty prompt's vector to the token's and beyond: z_0 + w (z - z_0), ComfyUI's.

    Args:
        z: K T D, vectors of the prompt.
        empty: T D, those of an empty prompt at the same positions.
        weights: K T.
    """
    w = weights[..., None]
    return torch.where(w == 1, z, (z - empty) * w + empty)


def keeping_mean(z: Tensor, empty: Tensor, weights: Tensor) -> Tensor:
    """Multiply, then bring each chunk's mean back to what it was: the web UI's (AUTOMATIC1111).

    Args:
        z: K T D, vectors of the prompt.
        empty: Not used.
        weights: K T.
    """
    weighted = z * weights[..., None]
    before, after = z.mean((1, 2), keepdim=True), weighted.mean((1, 2), keepdim=True)
    return weighted * torch.where(after == 0, 1.0, before / after)


EMPHASES: dict[Weights, Emphasis] = {
    "comfyui": from_empty,
    "a1111": keeping_mean,
    "none": from_empty,  # every weight is 1
}
