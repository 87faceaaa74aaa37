"""Colour statistics of samples: which colours there are, and whose pictures they resemble."""

import torch
from torch import Tensor
from torch.nn import functional as F

LEVELS = 4
"""Levels of each channel that a histogram of colours tells apart."""


def histogram(x: Tensor) -> Tensor:
    """Shares of colours in pictures B 3 H W in [0, 1] together: LEVELS^3, sum 1.

    Pictures are shrunk by 4 first, so that grain does not count.
    """
    small = F.avg_pool2d(x, 4) if min(x.shape[-2:]) >= 4 else x
    level = (small * LEVELS).long().clamp(0, LEVELS - 1)  # B 3 h w
    place = level[:, 0] * LEVELS**2 + level[:, 1] * LEVELS + level[:, 2]
    counts = torch.bincount(place.flatten(), minlength=LEVELS**3).double()
    return counts / counts.sum()


def shared(a: Tensor, b: Tensor) -> float:
    """Share that two histograms have in common: 1 where they are equal, 0 where nothing is."""
    return float(torch.minimum(histogram(a), histogram(b)).sum())


def mean_colour(x: Tensor) -> tuple[float, float, float]:
    """Mean red, green and blue of pictures B 3 H W."""
    red, green, blue = (float(channel) for channel in x.double().mean(dim=(0, 2, 3)))
    return red, green, blue
