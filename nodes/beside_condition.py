"""What lies beside the noisy latent, by concat: a label map, a small picture, a grey picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from engine.node import Context, Facts, Finding, Fix, Inference, Of, node
from nodes.dataset_values import MAPPED, LabelMap
from nodes.sizes import by, no_multiple, size_of, size_sentence, sized, whole
from nodes.training.shapes import SHRUNK
from nodes.values import Autoencoder, Concat, Image, Latent, UNet


def _infer_labels(given: Inference) -> Mapping[str, Facts]:
    count = given.facts.get("labels", {}).get("n")
    return {"concat": {"channels": MAPPED, **sized(None, None, count)}}


def _review_labels(given: Inference) -> Iterator[Finding]:
    """Find a label map of other pixels than the picture that is drawn."""
    latent, labels = given.facts.get("latent", {}), size_of(given.facts.get("labels", {}))
    factor, cells = whole(latent, "f"), size_of(latent)
    if factor and cells and labels and labels != (pixels := (cells[0] * factor, cells[1] * factor)):
        yield Finding(
            size_sentence("latent", pixels, "labels", labels) + " (in pixels)",
            port="labels",
            got=by(labels),
            expected=by(pixels),
            fixes=(Fix(f"draw a picture of {by(labels)}, the size of the label map"),),
            code="sizes-differ",
        )


@node(
    "LabelMapCondition",
    version=1,
    category="latent diffusion",
    infer=_infer_labels,
    review=_review_labels,
)
def label_map_condition(
    unet: Annotated[UNet, Of(c="c", space="s")],
    labels: LabelMap,
    latent: Annotated[Latent, Of(c="c", f="f", h="h", w="w", space="s")],
    ctx: Context,
) -> Annotated[Concat, Of(c="c", f="f", h="h", w="w", space="s")]:
    """Lay a label map beside the noisy latent (Rombach et al. 2022, Sec. 4.3.2).

    The share of each label in a latent cell, brought to few channels by the learnt map that is in
    the denoiser's file.

    Args:
        unet: Denoiser for semantic synthesis.
        labels: The label of every pixel.
        latent: Latent of the size to be drawn; only its shape counts.
    """
    import torch

    from nodes.runtime import computing, open_label_map
    from nodes.training.told import label_shares

    network = open_label_map(ctx, unet)
    factor = labels.data.shape[-1] // latent.data.shape[-1]
    highest = int(labels.data.max())
    if highest >= network.config.labels:
        raise ValueError(
            f"the map has label {highest}, but the model knows 0..{network.config.labels - 1}"
        )
    with computing(ctx):
        shares = label_shares(labels.data, network.config.labels, factor)
        channels = network.channel_mapper(shares.to(network.channel_mapper.weight.device))
    return Concat(torch.as_tensor(channels).float().cpu())


def _infer_small(given: Inference) -> Mapping[str, Facts]:
    factor = whole(given.facts.get("autoencoder", {}), "f")
    size, count = size_of(given.facts.get("image", {})), given.facts.get("image", {}).get("n")
    found: Facts = {} if factor is None else {"channels": 3 * (factor // SHRUNK) ** 2}
    width, height = (None, None) if factor is None or size is None else _cells(size, factor)
    return {"concat": {**found, **sized(width, height, count)}}


def _cells(size: tuple[int, int], factor: int) -> tuple[int, int]:
    return size[0] * SHRUNK // factor, size[1] * SHRUNK // factor


def review_small_cells(given: Inference) -> Iterator[Finding]:
    """Find a first stage of which a latent cell is smaller than a pixel of the small picture."""
    factor = whole(given.facts.get("autoencoder", {}), "f")
    if factor and factor % SHRUNK:
        yield Finding(
            f"super-resolution by 4 needs latent cells of 4 pixels or more, these have {factor}",
            port="autoencoder",
            got=f"f {factor}",
            expected="f 4, 8, 16 or 32",
            fixes=(Fix("link a first stage with a larger factor"),),
            code="wrong-value",
        )


def _review_small(given: Inference) -> Iterator[Finding]:
    yield from review_small_cells(given)
    factor = whole(given.facts.get("autoencoder", {}), "f") or 0
    size, cell = size_of(given.facts.get("image", {})), factor // SHRUNK
    if size and cell and factor % SHRUNK == 0 and (size[0] % cell or size[1] % cell):
        yield no_multiple("image", size, cell, "a latent cell")


@node(
    "LowResolutionCondition",
    version=1,
    category="latent diffusion",
    infer=_infer_small,
    review=_review_small,
)
def low_resolution_condition(
    autoencoder: Annotated[Autoencoder, Of(c="c", f="f", space="s")], image: Image
) -> Annotated[Concat, Of(c="c", f="f", space="s")]:
    """Lay a small picture beside the noisy latent of one 4 times larger (Rombach et al. 2022, 4.4).

    Its pixels that lie in one latent cell become channels of that cell.

    Args:
        autoencoder: First stage of the super-resolution model.
        image: The small picture.
    """
    from nodes.training.told import folded

    return Concat(folded(image.data * 2 - 1, autoencoder.factor))


def _infer_latent(given: Inference) -> Mapping[str, Facts]:
    latent = given.facts.get("latent", {})
    channels = whole(latent, "c")
    return {"concat": {} if channels is None else {"channels": channels}}


@node("LatentCondition", version=1, category="latent diffusion", infer=_infer_latent)
def latent_condition(
    latent: Annotated[Latent, Of(c="c", f="f", h="h", w="w", n="n", space="s")],
) -> Annotated[Concat, Of(c="c", f="f", h="h", w="w", n="n", space="s")]:
    """Lay a picture's latent beside the noisy one: of the grey picture, to give it colours.

    Args:
        latent: Encode of the picture that is the condition.
    """
    return Concat(latent.data)
