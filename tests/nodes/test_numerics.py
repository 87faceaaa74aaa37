"""Which networks compute in bfloat16, and what stays float32 in those that do."""

from __future__ import annotations

import pytest
import torch

from engine.node import Settings
from nodes.ldm.config import LARGE
from nodes.runtime import open_autoencoder, open_unet, type_for
from tests.nodes.context import FolderContext
from tests.nodes.tiny import CHANNELS, WIDTH, TinyModels


@pytest.mark.parametrize(
    ("numerics", "small", "large"),
    [
        ("reference", torch.float32, torch.float32),
        ("auto", torch.float32, torch.bfloat16),
        ("fast", torch.bfloat16, torch.bfloat16),
    ],
)
def test_auto_is_fast_for_large_networks_only(
    numerics: str, small: torch.dtype, large: torch.dtype
) -> None:
    assert type_for(numerics, LARGE - 1) == small
    assert type_for(numerics, LARGE) == large


def test_fast_networks_are_held_in_bfloat16_but_for_their_embeddings(
    ctx: FolderContext, models: TinyModels
) -> None:
    ctx.settings = Settings(numerics="fast")
    unet = open_unet(ctx, models.plain_unet).network
    held = {name: tensor.dtype for name, tensor in unet.named_parameters()}

    single = {name for name, dtype in held.items() if dtype == torch.float32}
    assert single == {name for name in held if "time_embed" in name or "emb_layers" in name}
    assert set(held.values()) == {torch.float32, torch.bfloat16}


def test_a_fast_denoiser_gives_nearly_what_the_exact_one_gives(
    ctx: FolderContext, models: TinyModels
) -> None:
    part = models.plain_unet
    exact = open_unet(ctx, part).network
    ctx.settings = Settings(numerics="fast")
    fast = open_unet(ctx, part).network
    inputs = torch.randn(3, CHANNELS, 6, 10), torch.tensor([0.0, 3.0, 999.0])
    context = torch.randn(3, 5, WIDTH)
    with torch.no_grad():
        want, got = (network(*inputs, context).float() for network in (exact, fast))

    assert 0 < float((got - want).norm() / want.norm()) < 0.02


def test_the_same_file_is_held_in_both_types_without_mixing_them_up(
    ctx: FolderContext, models: TinyModels
) -> None:
    part = models.autoencoder
    types = []
    for numerics in ("reference", "fast", "reference"):
        ctx.settings = Settings(numerics=numerics)
        types.append(open_autoencoder(ctx, part).network.dtype)

    assert types == [torch.float32, torch.bfloat16, torch.float32]
