"""ClassifierGuidance and PictureGuidance: steer a denoiser that was never told what is wanted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from engine.node import Edit, Facts, Finding, Fix, Inference, Of, Range, node
from nodes.class_condition import MOST
from nodes.dataset_values import TokenSet
from nodes.sizes import size_of, sized, sizes_differ
from nodes.steer_values import Aim, Classifier, Steer
from nodes.values import Autoencoder, Image

Scale = Annotated[float, Range(ge=0, le=1000, step=0.5)]


def _together(given: Inference, count: object, size: tuple[int, int] | None) -> Facts:
    """Facts of one more aim beside those of `steer`, as `Steer.facts` tells them."""
    before = given.facts.get("steer")
    counts = [count] if before is None else [count, before.get("n")]
    known = [n for n in counts if isinstance(n, int)]
    most = max(known) if len(known) == len(counts) else None
    width, height = size or size_of(before or {}) or (None, None)
    return sized(width, height, most)


def _infer_class(given: Inference) -> Mapping[str, Facts]:
    tokens = given.facts.get("tokens")
    found = _together(given, 1 if tokens is None else tokens.get("n"), None)
    betas = given.facts.get("classifier", {}).get("betas")
    return {"steer": found if betas is None else {**found, "betas": betas}}


def review_classes(given: Inference) -> Iterator[Finding]:
    """Find tokens that are no classes, of which alone a classifier knows."""
    told = given.facts.get("tokens", {}).get("told")
    if told not in (None, "classes"):
        yield Finding(
            f"a classifier knows classes, but these tokens are {told}",
            port="tokens",
            got=str(told),
            expected="classes",
            fixes=(Fix("choose classes in TellTokens"),),
            code="words-not-classes",
        )


def _review_class(given: Inference) -> Iterator[Finding]:
    classes, index = given.facts.get("classifier", {}).get("classes"), given.settings["index"]
    yield from review_classes(given)
    if "tokens" in given.facts or not isinstance(classes, int) or index is None:
        return
    if index >= classes:
        yield Finding(
            f"there is no class {index}: the classifier has {classes}, counted from 0",
            port="index",
            got=str(index),
            expected=f"0..{classes - 1}",
            fixes=(Fix(f"set index to {classes - 1}", (Edit("", "index", classes - 1),)),),
            code="no-such-class",
        )


@node(
    "ClassifierGuidance",
    version=1,
    category="latent diffusion",
    infer=_infer_class,
    review=_review_class,
)
def classifier_guidance(
    classifier: Annotated[Classifier, Of(c="c", space="s")],
    index: Annotated[int, Range(ge=0, le=MOST)] = 0,
    scale: Scale = 2.0,
    tokens: TokenSet | None = None,
    steer: Annotated[Steer, Of(c="c", space="s")] | None = None,
) -> Annotated[Steer, Of(c="c", space="s")]:
    """Steer a denoiser to a class by the gradient of a classifier of noisy latents.

    eps - sqrt(1 - alpha_bar) s grad log p(y | z_t): Dhariwal and Nichol 2021, Eq. 14; Rombach et
    al. 2022, App. C. The denoiser may be unconditional.

    Args:
        classifier: From TrainClassifier, for latents of the same first stage.
        index: The class, counted from 0.
        scale: s; at 1 pictures have the classes' true spread, above they are surer and less
            various.
        tokens: Classes of a dataset, one for each picture to draw, in place of `index`.
        steer: What steers together with it.
    """
    import torch

    target = torch.tensor([index])
    if tokens is not None:
        if tokens.classes is None:
            raise ValueError(f"`tokens` are {tokens.kind}; choose classes in TellTokens")
        target = tokens.classes[:, 0].contiguous()
    return Steer((*_before(steer), Aim(classifier, target, scale)))


def _before(steer: Steer | None) -> tuple[Aim, ...]:
    return () if steer is None else steer.aims


def _infer_picture(given: Inference) -> Mapping[str, Facts]:
    image = given.facts.get("image", {})
    found = _together(given, image.get("n"), size_of(image))
    betas = given.facts.get("steer", {}).get("betas")
    return {"steer": found if betas is None else {**found, "betas": betas}}


def _review_picture(given: Inference) -> Iterator[Finding]:
    yield from sizes_differ(given, "steer", "image")
    size, shrink = size_of(given.facts.get("image", {})), given.settings["shrink"]
    if size and shrink and (size[0] % shrink or size[1] % shrink):
        yield Finding(
            f"squares of {shrink} pixels do not fill a picture of {size[0]} x {size[1]}",
            port="shrink",
            got=str(shrink),
            expected="a divisor of both sides",
            fixes=(Fix("set shrink to 1", (Edit("", "shrink", 1),)),),
            code="size-no-multiple",
        )


@node(
    "PictureGuidance",
    version=1,
    category="latent diffusion",
    infer=_infer_picture,
    review=_review_picture,
)
def picture_guidance(
    autoencoder: Annotated[Autoencoder, Of(c="c", f="f", space="s")],
    image: Image,
    shrink: Annotated[int, Range(ge=1, le=128, step=1)] = 4,
    grey: bool = False,
    scale: Scale = 10.0,
    steer: Annotated[Steer, Of(c="c", space="s")] | None = None,
) -> Annotated[Steer, Of(c="c", f="f", space="s")]:
    """Steer a denoiser to pictures that look like a given one  (Rombach et al. 2022, App. C).

    The gradient of -1/2 || T(y) - T(D(z_0(z_t))) ||^2, where T shrinks pictures or takes their
    colours away: an unconditional model then upscales or colours. Gradients pass the first stage
    and the denoiser, so a step takes several times as long. The variance follows the noise level
    (`nodes.ldm.steering.estimate_variance`).

    Args:
        autoencoder: First stage of the denoiser.
        image: What the result shall look like, as large as the result.
        shrink: Only the mean of squares of so many pixels a side counts; 1 counts every pixel.
        grey: Whether only brightness counts.
        scale: What the gradient is multiplied with; too much of it leaves what the denoiser knows.
        steer: What steers together with it.
    """
    height, width = image.data.shape[-2:]
    if height % shrink or width % shrink:
        raise ValueError(f"squares of {shrink} pixels do not fill {width} x {height}")
    return Steer((*_before(steer), Aim(autoencoder, image.data, scale, shrink, grey)))
