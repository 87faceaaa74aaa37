"""Decode: latents back to pictures, x = D(z)."""

from __future__ import annotations

from typing import Annotated

from engine.node import Context, Of, node
from nodes.values import Autoencoder, Image, Latent


@node("Decode", version=1, category="latent diffusion")
def decode(
    autoencoder: Annotated[Autoencoder, Of(c="c", f="f")],
    latent: Annotated[Latent, Of(c="c", f="f")],
    ctx: Context,
) -> Image:
    """Map latents back to pictures, x = D(z / s)  (Rombach et al. 2022, Sec. 3.1).

    Args:
        autoencoder: First-stage model whose latent space `latent` lives in.
        latent: B c h w, scaled by the autoencoder's scale factor.
    """
    import torch

    from nodes.runtime import computing, open_autoencoder

    model = open_autoencoder(ctx, autoencoder)
    pictures = []
    with computing(ctx):
        for z in torch.split(latent.data, 4):  # few at a time: pixels take far more memory
            x = model.network.decode(z.to(model.device) / model.scale)
            pictures.append((x.float().cpu() / 2 + 0.5).clamp(0, 1))
    return Image(torch.cat(pictures))
