"""The judge: a small classifier that measures pictures and takes no part in making them."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from nodes.ldm.config import JudgeConfig
from nodes.ldm.layers import conv3x3


class JudgeNetwork(nn.Module):
    """Four strided stages and two linear heads, one for the colour and one for the shape."""

    def __init__(self, config: JudgeConfig) -> None:
        super().__init__()
        self.config = config
        widths = [3, *(config.width * multiple for multiple in (1, 2, 4, 4))]
        self.layers = nn.Sequential(*(_stage(a, b) for a, b in pairwise(widths)))
        self.colour = nn.Linear(widths[-1], len(config.colours))
        self.shape = nn.Linear(widths[-1], len(config.shapes))

    def forward(self, windows: Tensor) -> tuple[Tensor, Tensor]:
        """Score windows of pictures.

        Args:
            windows: B 3 s s in [-1, 1].

        Returns:
            Logits of the colours and of the shapes, B K each.
        """
        features = self.layers(windows).mean(dim=(2, 3))  # B D
        return self.colour(features), self.shape(features)


def _stage(in_channels: int, out_channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 3, stride=2, padding=1),
        nn.GroupNorm(8, out_channels),
        nn.SiLU(),
        conv3x3(out_channels, out_channels),
        nn.GroupNorm(8, out_channels),
        nn.SiLU(),
    )
