"""What a person may overrule of what was detected: the facts that no shape shows."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from nodes.checkpoints.detection.unet import Heads
from nodes.ldm.config import Prediction, UNetConfig

HeadsChoice = Literal["as detected", "1 head", "8 heads", "heads of 32", "heads of 64"]
PredictionChoice = Literal["as detected", "eps", "v", "x0"]

HEADS: dict[HeadsChoice, Heads | None] = {
    "as detected": None,
    "1 head": Heads(count=1),
    "8 heads": Heads(count=8),
    "heads of 32": Heads(channels=32),
    "heads of 64": Heads(channels=64),
}


def with_heads(config: UNetConfig, choice: HeadsChoice) -> UNetConfig:
    """Return the config with its attention divided as chosen.

    Raises:
        ValueError: Its channels do not divide so.
    """
    heads = HEADS[choice]
    if heads is None:
        return config
    return replace(config, num_heads=heads.count, num_head_channels=heads.channels)


def prediction_or(choice: PredictionChoice, detected: Prediction) -> Prediction:
    """Return the choice, or what was detected."""
    return detected if choice == "as detected" else choice
