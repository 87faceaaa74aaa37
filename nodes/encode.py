"""Encode: pictures to latents, z = E(x)."""

from __future__ import annotations

from typing import Annotated

from engine.node import Context, Of, node
from nodes.values import Autoencoder, Image, Latent


@node("Encode", version=1, category="latent diffusion")
def encode(
    autoencoder: Annotated[Autoencoder, Of(c="c", f="f")],
    image: Image,
    ctx: Context,
) -> Annotated[Latent, Of(c="c", f="f")]:
    """Map pictures to latents, z = s E(x)  (Rombach et al. 2022, Sec. 3.1).

    Takes the mean of the posterior, so the same picture always gives the same latent.

    Args:
        autoencoder: First-stage model; its factor f must divide the picture's height and width.
        image: B 3 H W in [0, 1].
    """
    from nodes.runtime import computing, open_autoencoder
    from nodes.training.latents import encode_mean

    model = open_autoencoder(ctx, autoencoder)
    require_multiple(image, model.network.config.factor)
    with computing(ctx):
        x = image.data.to(model.device) * 2 - 1
        latent = encode_mean(model.network, x, model.scale)
    return Latent(latent.float().cpu())


def require_multiple(image: Image, factor: int) -> None:
    """Refuse a picture whose sides the autoencoder cannot halve down to whole cells."""
    height, width = image.data.shape[-2:]
    if height % factor or width % factor:
        near = f"{max(factor, width // factor * factor)} x {max(factor, height // factor * factor)}"
        raise ValueError(
            f"the picture is {width} x {height}, but this autoencoder needs sides that are"
            f" multiples of {factor}; put a Resize or Crop to {near} before it"
        )
