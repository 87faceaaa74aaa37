"""Previews of latents look like what the shipped first stage would decode."""

from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from nodes.checkpoints.model_file import load_autoencoder
from nodes.ldm.latent_rgb import MAPS, latent_rgb
from nodes.ldm.tiled import encoded
from nodes.training.holes import sample_example
from nodes.training.scenes import render

ROOT = Path(__file__).parents[3]


@torch.no_grad()
def test_a_preview_of_the_shipped_model_is_near_the_picture_shrunk() -> None:
    stage = load_autoencoder(ROOT / "models/scenes-autoencoder.safetensors")
    x = render([sample_example(seed, 128).scene for seed in range(9_100_000, 9_100_008)], 128).image
    shown = latent_rgb(encoded(stage, x * 2 - 1) * stage.config.scale_factor, 0.0015, vector=False)
    error = float((shown - F.avg_pool2d(x, 8)).square().mean().sqrt())
    assert error < 0.09
    assert error < 0.5 * float(F.avg_pool2d(x, 8).std())


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 16])
def test_a_latent_of_an_unknown_space_is_shown_all_the_same(channels: int) -> None:
    shown = latent_rgb(torch.randn(2, channels, 5, 7), 0.5, vector=False)
    assert shown.shape == (2, 3, 5, 7)
    assert (float(shown.min()), float(shown.max())) == (0.0, 1.0)


def test_every_known_space_has_a_row_for_each_channel_and_one_to_add() -> None:
    assert all(len(rows) == channels + 1 for (channels, _, _), rows in MAPS.items())
