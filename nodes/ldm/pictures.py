"""What is left of a picture when one looks at a part of what it tells."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F


def grey(x: Tensor) -> Tensor:
    """Take the colours away from B 3 H W, by the luma of Rec. 601."""
    weights = x.new_tensor((0.299, 0.587, 0.114))[:, None, None]
    return (x * weights).sum(1, keepdim=True).expand_as(x)


def seen_as(x: Tensor, shrink: int = 1, colourless: bool = False) -> Tensor:
    """Shrink pictures B 3 H W by the mean of `shrink` x `shrink` pixels, and grey them if asked."""
    small = F.avg_pool2d(x, shrink) if shrink > 1 else x
    return grey(small) if colourless else small
