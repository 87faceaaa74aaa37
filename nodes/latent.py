"""Latents that come from no picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from engine.node import Facts, Finding, Inference, Of, Range, node
from nodes.sizes import setting_no_multiple, sized
from nodes.values import Autoencoder, Latent


def _factor(given: Inference) -> int | None:
    factor = given.facts.get("autoencoder", {}).get("f")
    return factor if isinstance(factor, int) else None


def _infer(given: Inference) -> Mapping[str, Facts] | None:
    factor, settings = _factor(given), given.settings
    if factor is None or settings["width"] is None or settings["height"] is None:
        return None
    cells = settings["width"] // factor, settings["height"] // factor
    return {"latent": sized(*cells, settings["batch"])}


def _review(given: Inference) -> Iterator[Finding]:
    factor = _factor(given)
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
