"""Latents that come from no picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from engine.node import Facts, Inference, Of, Range, node
from nodes.values import Autoencoder, Latent


def _infer(given: Inference) -> Mapping[str, Facts] | None:
    factor = given.facts.get("autoencoder", {}).get("f")
    if not isinstance(factor, int):
        return None
    for name in ("width", "height"):
        if given.settings[name] is not None:
            _require_multiple(name, given.settings[name], factor)
    return None


def _require_multiple(name: str, side: int, factor: int) -> None:
    below = side // factor * factor
    if side != below:
        near = f"{below} or {below + factor}" if below else f"{factor}"
        raise ValueError(
            f"`{name}` is {side}, which is no multiple of the autoencoder's factor {factor};"
            f" set it to {near}"
        )


@node("EmptyLatent", version=1, category="latent diffusion", infer=_infer)
def empty_latent(
    autoencoder: Annotated[Autoencoder, Of(c="c", f="f")],
    width: Annotated[int, Range(ge=8, le=4096, step=8)] = 128,
    height: Annotated[int, Range(ge=8, le=4096, step=8)] = 128,
    batch: Annotated[int, Range(ge=1, le=64, step=1)] = 1,
) -> Annotated[Latent, Of(c="c", f="f")]:
    """Make a latent of zeros, the start of pictures that begin as pure noise.

    Args:
        autoencoder: First-stage model whose latent space is meant; only its header is read.
        width: Pixels across, a multiple of the autoencoder's factor.
        height: Pixels down, a multiple of the autoencoder's factor.
        batch: How many pictures; picture k has the seed + k.
    """
    import torch

    c, f = autoencoder.channels, autoencoder.factor
    _require_multiple("width", width, f)
    _require_multiple("height", height, f)
    return Latent(torch.zeros(batch, c, height // f, width // f))
