"""Latents that come from no picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from engine.node import Facts, Finding, Inference, Of, Range, node
from nodes.sizes import setting_no_multiple, sized, whole
from nodes.values import Autoencoder, Latent


def _infer(given: Inference) -> Mapping[str, Facts]:
    factor = whole(given.facts.get("autoencoder", {}), "f")
    sides = (given.settings["width"], given.settings["height"])
    width, height = (side // factor if factor and side is not None else None for side in sides)
    return {"latent": sized(width, height, given.settings["batch"])}


def _review(given: Inference) -> Iterator[Finding]:
    factor = whole(given.facts.get("autoencoder", {}), "f")
    for name in ("width", "height"):
        side = given.settings[name]
        if factor and side is not None and side % factor:
            yield setting_no_multiple(name, side, factor, "the autoencoder's factor")


@node("EmptyLatent", version=1, category="latent diffusion", infer=_infer, review=_review)
def empty_latent(
    autoencoder: Annotated[Autoencoder, Of(c="c", f="f", space="s")],
    width: Annotated[int, Range(ge=8, le=4096, step=8)] = 128,
    height: Annotated[int, Range(ge=8, le=4096, step=8)] = 128,
    batch: Annotated[int, Range(ge=1, le=64, step=1)] = 1,
) -> Annotated[Latent, Of(c="c", f="f", space="s")]:
    """Make a latent of zeros, the start of pictures that begin as pure noise.

    Args:
        autoencoder: First-stage model whose latent space is meant; only its header is read.
        width: Pixels across, a multiple of the autoencoder's factor.
        height: Pixels down, a multiple of the autoencoder's factor.
        batch: How many pictures; picture k has the seed + k.
    """
    import torch

    c, f = autoencoder.channels, autoencoder.factor
    if width % f or height % f:
        raise ValueError(f"{width} x {height} are no multiples of the autoencoder's factor {f}")
    return Latent(torch.zeros(batch, c, height // f, width // f))
