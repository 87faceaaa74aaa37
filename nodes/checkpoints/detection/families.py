"""The published families: how each is recognised, and what its shapes do not tell.

Heads, betas, scale factor and prediction are training settings that no tensor shows. They come from
the configs that were published with each family; the first row that fits is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nodes.checkpoints.detection.unet import Heads
from nodes.ldm.config import AutoencoderConfig, Prediction, UNetConfig


@dataclass(frozen=True)
class Found:
    """What the shapes of a file tell.

    Attributes:
        unet: Its denoiser, heads not yet known.
        first_stage: Its first stage, scale factor not yet known.
        text: Kinds of text encoder, of `nodes.checkpoints.detection.places.TEXTS`.
        classes: Rows of its class embedding; 0 without one.
        label_map: Whether it has a rescaler of label maps.
        boxes: Whether its text encoder reads boxes: 8192 tokens, not words.
    """

    unet: UNetConfig
    first_stage: AutoencoderConfig | None = None
    text: frozenset[str] = frozenset()
    classes: int = 0
    label_map: bool = False
    boxes: bool = False

    @property
    def linear(self) -> bool:
        """Whether attention projects by linear maps: Stable Diffusion 2 and later."""
        return self.unet.context_dim is not None and self.unet.use_linear_projection

    @property
    def vector(self) -> bool:
        """Whether it takes a vector beside the timestep: Stable Diffusion XL."""
        return self.unet.adm_in_channels is not None

    @property
    def words(self) -> bool:
        """Whether attention reads a context, by 1x1 convolutions."""
        return self.unet.context_dim is not None and not self.unet.use_linear_projection

    @property
    def sides(self) -> tuple[int, int]:
        """Channels in and out."""
        return self.unet.in_channels, self.unet.out_channels


@dataclass(frozen=True, kw_only=True)
class Family:
    """One published family, or several that differ in nothing a run needs to know.

    Attributes:
        name: Its name for people.
        fits: Whether what was found is of it.
        heads: How attention is divided.
        betas: kind, first and last beta.
        scale: What its latents are multiplied with.
        prediction: What it predicts; None where members of the family differ.
    """

    name: str
    fits: Callable[[Found], bool]
    heads: Heads
    betas: tuple[str, float, float]
    scale: float = 1.0
    prediction: Prediction | None = "eps"


EIGHT, ONE = Heads(count=8), Heads(count=1)
WIDE, NARROW = Heads(channels=64), Heads(channels=32)
STABLE = ("scaled_linear", 0.00085, 0.012)
LATENT = ("scaled_linear", 0.0015, 0.0195)
LATENT_WEAK = ("scaled_linear", 0.0015, 0.0155)
LATENT_STRONG = ("scaled_linear", 0.0015, 0.0205)
KL_F8_SCALE, KL_F16_SCALE, XL_SCALE = 0.18215, 0.22765929, 0.13025

FAMILIES: tuple[Family, ...] = (
    Family(
        name="Stable Diffusion XL refiner",
        fits=lambda f: f.linear and f.vector and f.text == {"clip_g_only"},
        heads=WIDE,
        betas=STABLE,
        scale=XL_SCALE,
    ),
    Family(
        name="Stable Diffusion XL inpainting",
        fits=lambda f: f.linear and f.vector and f.sides == (9, 4),
        heads=WIDE,
        betas=STABLE,
        scale=XL_SCALE,
    ),
    Family(
        name="Stable Diffusion XL",
        fits=lambda f: f.linear and f.vector,
        heads=WIDE,
        betas=STABLE,
        scale=XL_SCALE,
        prediction=None,
    ),
    Family(
        name="Stable Diffusion 2 inpainting",
        fits=lambda f: f.linear and f.sides == (9, 4),
        heads=WIDE,
        betas=STABLE,
        scale=KL_F8_SCALE,
    ),
    Family(
        name="Stable Diffusion 2 depth",
        fits=lambda f: f.linear and f.sides == (5, 4),
        heads=WIDE,
        betas=STABLE,
        scale=KL_F8_SCALE,
    ),
    Family(
        name="Stable Diffusion 2 upscaler (x4)",
        fits=lambda f: f.linear and f.sides == (7, 4),
        heads=EIGHT,
        betas=("scaled_linear", 0.0001, 0.02),
        scale=0.08333,
        prediction="v",
    ),
    Family(
        name="Stable Diffusion 2",
        fits=lambda f: f.linear,
        heads=WIDE,
        betas=STABLE,
        scale=KL_F8_SCALE,
        prediction=None,
    ),
    Family(
        name="Latent Diffusion, ImageNet classes, with a class for none (cin256-v2)",
        fits=lambda f: f.words and f.classes % 10 == 1,
        heads=ONE,
        betas=LATENT,
    ),
    Family(
        name="Latent Diffusion, ImageNet classes (cin256)",
        fits=lambda f: f.words and f.classes > 0,
        heads=NARROW,
        betas=LATENT,
    ),
    Family(
        name="Latent Diffusion, layout to image",
        fits=lambda f: f.words and f.boxes,
        heads=NARROW,
        betas=LATENT_STRONG,
    ),
    Family(
        name="Latent Diffusion, text to image, large",
        fits=lambda f: f.words and "bert" in f.text and f.sides == (4, 4),
        heads=EIGHT,
        betas=STABLE,
        scale=KL_F8_SCALE,
    ),
    Family(
        name="Latent Diffusion, text to image 256",
        fits=lambda f: f.words and "bert" in f.text,
        heads=NARROW,
        betas=LATENT,
    ),
    Family(
        name="Retrieval-augmented Diffusion",
        fits=lambda f: f.words and f.sides == (16, 16),
        heads=NARROW,
        betas=("scaled_linear", 0.0015, 0.015),
        scale=KL_F16_SCALE,
    ),
    Family(
        name="Stable Diffusion 1 inpainting",
        fits=lambda f: f.words and f.sides == (9, 4),
        heads=EIGHT,
        betas=STABLE,
        scale=KL_F8_SCALE,
    ),
    Family(
        name="Stable Diffusion 1",
        fits=lambda f: f.words and f.sides == (4, 4),
        heads=EIGHT,
        betas=STABLE,
        scale=KL_F8_SCALE,
    ),
    Family(
        name="Latent Diffusion, semantic synthesis",
        fits=lambda f: f.label_map,
        heads=EIGHT,
        betas=LATENT_STRONG,
    ),
    Family(
        name="Latent Diffusion, inpainting",
        fits=lambda f: f.unet.context_dim is None and f.sides == (7, 3),
        heads=EIGHT,
        betas=LATENT_STRONG,
    ),
    Family(
        name="Latent Diffusion, super-resolution",
        fits=lambda f: f.unet.context_dim is None and f.sides == (6, 3),
        heads=NARROW,
        betas=LATENT_WEAK,
    ),
    Family(
        name="Latent Diffusion, LSUN churches",
        fits=lambda f: f.unet.context_dim is None and f.unet.resblock_updown,
        heads=EIGHT,
        betas=LATENT_WEAK,
    ),
    Family(
        name="Latent Diffusion, unconditional",
        fits=lambda f: f.unet.context_dim is None and f.sides == (3, 3),
        heads=NARROW,
        betas=LATENT,
    ),
)


def family_of(found: Found) -> Family:
    """The first family that fits.

    Raises:
        ValueError: None does.
    """
    for family in FAMILIES:
        if family.fits(found):
            return family
    unet = found.unet
    raise ValueError(
        f"a UNet from {unet.in_channels} to {unet.out_channels} channels with a context width of"
        f" {unet.context_dim or 'none'} is of no published family that is known here"
    )
