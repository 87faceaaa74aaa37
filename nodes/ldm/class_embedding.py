"""Classes and label maps as conditions  (Rombach et al. 2022, Sec. 4.3.2 and App. E.2).

Tensor names are those of the published checkpoints below `cond_stage_model.`.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from nodes.ldm.text_config import ClassConfig, LabelMapConfig


class ClassEmbedding(nn.Module):
    """A learnt token for each class; models trained for guidance have a last one for none."""

    def __init__(self, config: ClassConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.classes, config.width)

    def forward(self, classes: Tensor) -> Tensor:
        """Map class indices, B integers, to a context of one token, B 1 D."""
        out: Tensor = self.embedding(classes)[:, None]
        return out


class LabelMap(nn.Module):
    """One-hot label maps, scaled down, as channels that lie beside the latent."""

    def __init__(self, config: LabelMapConfig) -> None:
        super().__init__()
        self.config = config
        self.channel_mapper = nn.Conv2d(config.labels, config.channels, 1, bias=False)

    def forward(self, labels: Tensor) -> Tensor:
        """Map one-hot labels, B labels H W, to B c h w; each halving is a bilinear one."""
        for _ in range(self.config.halvings):
            labels = F.interpolate(labels, scale_factor=0.5, mode="bilinear")
        out: Tensor = self.channel_mapper(labels)
        return out
