"""Pictures side by side."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from nodes.measuring.layout import GAP


def grid(pictures: Tensor, columns: int, gap: int = GAP) -> Tensor:
    """Lay pictures B 3 H W out in rows of `columns` on white: 1 3 H' W'."""
    padded = F.pad(pictures, (0, gap, 0, gap), value=1.0)
    missing = -len(padded) % columns
    padded = torch.cat([padded, padded.new_ones(missing, *padded.shape[1:])])
    rows = padded.reshape(-1, columns, *padded.shape[1:])  # R C 3 H W
    sheet = rows.permute(2, 0, 3, 1, 4).flatten(3, 4).flatten(1, 2)  # 3 R*H C*W
    return F.pad(sheet, (gap, 0, gap, 0), value=1.0)[None]


def rows(stacks: Sequence[Tensor], gap: int = GAP) -> Tensor:
    """Lay stacks of B pictures each below one another: picture k of each stack is column k."""
    return grid(torch.cat(list(stacks)), len(stacks[0]), gap)
