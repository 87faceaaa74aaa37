"""UpscaleCondition: the small picture and its noise level, for denoisers that enlarge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, NamedTuple

from engine.node import Facts, Finding, Fix, Inference, Of, Range, Seed, node
from nodes.sizes import size_of, sized
from nodes.values import Autoencoder, Concat, Conditioning, Image, Latent

LARGEST_LEVEL = 350
"""Noise levels that the upscaler of Stable Diffusion 2 was trained with end here."""
KIND, BETA_START, BETA_END, TIMESTEPS = "scaled_linear", 0.0001, 0.02, 1000
"""The schedule by which its small pictures were noised."""
CHANNELS = 3


class Upscaling(NamedTuple):
    """What a denoiser that enlarges is told and shown, and where it starts."""

    cond: Annotated[Conditioning, Of(width="d")]
    uncond: Annotated[Conditioning, Of(width="d")]
    concat: Annotated[Concat, Of(c="c", f="f", space="s")]
    latent: Annotated[Latent, Of(c="c", f="f", space="s")]


def _infer(given: Inference) -> Mapping[str, Facts]:
    image = given.facts.get("image", {})
    width, height = size_of(image) or (None, None)
    size = sized(width, height, image.get("n"))
    told: dict[str, Facts] = {
        name: {**{k: v for k, v in given.facts.get(name, {}).items() if k == "n"}, "vector": 1}
        for name in ("cond", "uncond")
    }
    return {**told, "concat": {"channels": CHANNELS, **size}, "latent": size}


def _review(given: Inference) -> Iterator[Finding]:
    for name in ("cond", "uncond"):
        vector = given.facts.get(name, {}).get("vector", "none")
        if vector != "none":
            yield Finding(
                f"`{name}` carries a vector of {vector}, in whose place the noise level would go",
                port=name,
                got=f"a vector of {vector}",
                expected="tokens alone",
                fixes=(Fix("link the prompt itself, read by the upscaler's text encoder"),),
                code="vector-there",
            )


@node("UpscaleCondition", version=1, category="latent diffusion", infer=_infer, review=_review)
def upscale_condition(
    autoencoder: Annotated[Autoencoder, Of(c="c", f="f", space="s")],
    image: Image,
    cond: Annotated[Conditioning, Of(width="d")],
    uncond: Annotated[Conditioning, Of(width="d")],
    level: Annotated[int, Range(ge=0, le=LARGEST_LEVEL, step=10)] = 20,
    seed: Annotated[int, Seed()] = 0,
) -> Upscaling:
    """Show a small picture to a denoiser that makes it f times as large.

    For the x4 upscaler of Stable Diffusion 2, whose latents have one cell for each pixel of the
    small picture. That is noised a little (Ho et al. 2020, Eq. 4; conditioning augmentation, Ho et
    al. 2021, arXiv:2106.15282, Sec. 4) and laid beside the latent; the denoiser is told the level
    as a class.

    Args:
        autoencoder: First-stage model of the upscaler; only its header is read.
        image: The small picture, B 3 h w; sides that are multiples of 8.
        cond: What it shows.
        uncond: What guidance points away from.
        level: How much noise is added, as a timestep; more lets the denoiser invent more.
        seed: Of that noise, which is the first torch.randn of a CPU generator of this seed.
    """
    import torch

    from nodes.ldm.noise_conventions import CONVENTIONS
    from nodes.ldm.schedule import NoiseSchedule

    small = image.data * 2 - 1
    sigma = NoiseSchedule(KIND, BETA_START, BETA_END, TIMESTEPS).sigma_of(
        torch.tensor(float(level), dtype=torch.float64)
    )
    noise = CONVENTIONS["diffusers"].start(seed, small.shape)
    noised = ((small + sigma * noise) / (sigma**2 + 1).sqrt()).float()
    told, not_told = (
        Conditioning(one.context, torch.full((len(one.context), 1), float(level)))
        for one in (cond, uncond)
    )
    batch, _, height, width = small.shape
    start = torch.zeros(batch, autoencoder.channels, height, width)
    return Upscaling(told, not_told, Concat(noised), Latent(start))
