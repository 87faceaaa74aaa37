"""Label maps and layouts as pictures."""

import torch
from torch import Tensor

from nodes.ldm.box_tokenizer import read_layout


def painted(labels: Tensor) -> Tensor:
    """Label maps B H W as pictures B 3 H W in [0, 1], a colour for each label."""
    turn = torch.arange(256) * 0.381966  # the golden angle keeps neighbours apart
    phases = torch.stack([turn, turn + 1 / 3, turn + 2 / 3], dim=1)
    palette = 0.5 + 0.45 * torch.cos(2 * torch.pi * phases)
    palette[0] = 0.9
    return palette[labels.long()].permute(0, 3, 1, 2).contiguous()


def with_boxes(pictures: Tensor, layout: str) -> Tensor:
    """Draw the boxes of a layout over pictures B 3 H W, two pixels wide."""
    drawn, (height, width) = pictures.clone(), pictures.shape[-2:]
    for k, (_, left, top, right, bottom) in enumerate(read_layout(layout)):
        x0, x1 = (min(width - 2, max(0, round(side * width))) for side in (left, right))
        y0, y1 = (min(height - 2, max(0, round(side * height))) for side in (top, bottom))
        colour = painted(torch.full((1, 1, 1), k + 1))[0]
        for rows, columns in (
            (slice(y0, y0 + 2), slice(x0, x1 + 2)),
            (slice(y1, y1 + 2), slice(x0, x1 + 2)),
            (slice(y0, y1 + 2), slice(x0, x0 + 2)),
            (slice(y0, y1 + 2), slice(x1, x1 + 2)),
        ):
            drawn[:, :, rows, columns] = colour
    return drawn
