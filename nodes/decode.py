"""Decode: latents back to pictures, x = D(z)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from engine.node import Context, Facts, Inference, Of, Range, node
from nodes.estimates import estimate_decoding
from nodes.memory import DECODED_AT_ONCE, review_decoding
from nodes.sizes import size_of, sized, whole
from nodes.values import Autoencoder, Image, Latent


def _infer(given: Inference) -> Mapping[str, Facts] | None:
    latent, factor = given.facts.get("latent", {}), whole(given.facts.get("autoencoder", {}), "f")
    size = size_of(latent)
    if factor is None or size is None:
        return None
    return {"image": sized(size[0] * factor, size[1] * factor, latent.get("n"))}


@node(
    "Decode",
    version=1,
    category="latent diffusion",
    infer=_infer,
    review=review_decoding,
    estimate=estimate_decoding,
)
def decode(
    autoencoder: Annotated[Autoencoder, Of(c="c", f="f", space="s")],
    latent: Annotated[Latent, Of(c="c", f="f", space="s")],
    ctx: Context,
    tile: Annotated[int, Range(ge=0, le=4096, step=64)] = 0,
) -> Image:
    """Map latents back to pictures, x = D(z / s)  (Rombach et al. 2022, Sec. 3.1).

    Args:
        autoencoder: First-stage model whose latent space `latent` lives in.
        latent: B c h w, scaled by the autoencoder's scale factor.
        tile: Decode overlapping windows of so many pixels a side, which bounds the memory; 0
            decodes the whole. A window does not see what is outside it, so that large areas may
            differ a little in tone (normalisation and attention of the whole are global).
    """
    import torch

    from nodes.runtime import computing, open_autoencoder

    model = open_autoencoder(ctx, autoencoder)
    pictures = []
    with computing(ctx):
        for z in torch.split(latent.data, DECODED_AT_ONCE):  # pixels take far more memory
            x = model.decode(z, tile).float().cpu()
            pictures.append((x / 2 + 0.5).clamp(0, 1))
    return Image(torch.cat(pictures))
