"""Encode: pictures to latents, z = E(x)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from engine.node import Context, Facts, Finding, Inference, Of, Range, node
from nodes.estimates import estimate_encoding
from nodes.sizes import no_multiple, size_of, sized, whole
from nodes.values import Autoencoder, Image, Latent


def _infer(given: Inference) -> Mapping[str, Facts] | None:
    factor, size = _factor_and_size(given)
    if factor is None or size is None:
        return None
    batch = given.facts.get("image", {}).get("n")
    return {"latent": sized(size[0] // factor, size[1] // factor, batch)}


def _review(given: Inference) -> Iterator[Finding]:
    factor, size = _factor_and_size(given)
    if factor and size and (size[0] % factor or size[1] % factor):
        yield no_multiple("image", size, factor, "this autoencoder")


def _factor_and_size(given: Inference) -> tuple[int | None, tuple[int, int] | None]:
    stage, image = given.facts.get("autoencoder", {}), given.facts.get("image", {})
    return whole(stage, "f"), size_of(image)


@node(
    "Encode",
    version=1,
    category="latent diffusion",
    infer=_infer,
    review=_review,
    estimate=estimate_encoding,
)
def encode(
    autoencoder: Annotated[Autoencoder, Of(c="c", f="f", space="s")],
    image: Image,
    ctx: Context,
    tile: Annotated[int, Range(ge=0, le=4096, step=64)] = 0,
) -> Annotated[Latent, Of(c="c", f="f", space="s")]:
    """Map pictures to latents, z = s E(x)  (Rombach et al. 2022, Sec. 3.1).

    Takes the mean of the posterior, so the same picture always gives the same latent.

    Args:
        autoencoder: First-stage model; its factor f must divide the picture's height and width.
        image: B 3 H W in [0, 1].
        tile: Encode overlapping windows of so many pixels a side, which bounds the memory; 0
            encodes the whole.
    """
    from nodes.ldm.tiled import encoded
    from nodes.runtime import computing, open_autoencoder

    model = open_autoencoder(ctx, autoencoder)
    require_multiple(image, model.network.config.factor)
    with computing(ctx):
        x = image.data.to(model.device) * 2 - 1
        latent = encoded(model.network, x, tile) * model.scale
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
