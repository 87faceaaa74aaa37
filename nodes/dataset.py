"""Datasets as nodes: pictures with what is known of them, their latents, and what is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, NamedTuple

from engine.node import Context, Edit, Facts, Finding, Fix, Inference, Of, Range, node
from nodes.beside_condition import review_small_cells
from nodes.dataset_values import MAPPED, BesideSet, LabelMap, PictureSet, TokenSet
from nodes.sizes import nearest, size_of, sized, whole
from nodes.training.shapes import SHRUNK
from nodes.values import Autoencoder, Image, Latent, Scenes


@node("DrawDataset", version=1, category="dataset")
def draw_dataset(
    scenes: Annotated[Scenes, Of(h="h", w="w", n="n")], ctx: Context
) -> Annotated[PictureSet, Of(h="h", w="w", n="n")]:
    """Draw every scene of a run once: pictures, captions, boxes, classes and label maps.

    Args:
        scenes: What to draw; a picture of 128 x 128 takes 65 kB.
    """
    from nodes.training.drawn import draw_dataset as draw

    return draw(scenes, ctx.progress)


def _infer_latent(given: Inference) -> Mapping[str, Facts]:
    cells = _cells(given)
    count = given.facts.get("pictures", {}).get("n")
    return {"latent": sized(*cells, count) if cells else {}}


def _cells(given: Inference) -> tuple[int, int] | None:
    size = size_of(given.facts.get("pictures", {}))
    factor = whole(given.facts.get("autoencoder", {}), "f")
    return (size[0] // factor, size[1] // factor) if size and factor else None


def _review_size(given: Inference) -> Iterator[Finding]:
    size = size_of(given.facts.get("pictures", {}))
    factor = whole(given.facts.get("autoencoder", {}), "f")
    if size and factor and (size[0] % factor or size[1] % factor):
        near = " or ".join(map(str, nearest(size[0], factor)))
        yield Finding(
            f"the pictures are {size[0]} x {size[1]}, but this autoencoder needs multiples of "
            f"{factor}",
            port="pictures",
            got=f"{size[0]} x {size[1]}",
            expected=f"multiples of {factor}",
            fixes=(Fix(f"make them {near} pixels a side"),),
            code="size-no-multiple",
        )


@node("EncodeDataset", version=1, category="dataset", infer=_infer_latent, review=_review_size)
def encode_dataset(
    autoencoder: Annotated[Autoencoder, Of(c="c", f="f", space="s")],
    pictures: PictureSet,
    ctx: Context,
) -> Annotated[Latent, Of(c="c", f="f", space="s")]:
    """Pass every picture through the frozen first stage once: the paper's two-stage saving.

    The latents stay in the store, so every model that is trained on this dataset shares them.

    Args:
        autoencoder: Trained first stage.
        pictures: The dataset.
    """
    import torch

    from nodes.runtime import computing, open_autoencoder
    from nodes.training.latents import encode_mean

    model = open_autoencoder(ctx, autoencoder)
    parts = []
    with computing(ctx):
        for part in torch.split(pictures.pictures, 32):
            x = part.to(model.device).float() / 127.5 - 1
            parts.append(encode_mean(model.network, x, model.scale).float().cpu())
            ctx.progress(sum(map(len, parts)), len(pictures.pictures))
    return Latent(torch.cat(parts))


def _infer_pixels(given: Inference) -> Mapping[str, Facts]:
    pictures = given.facts.get("pictures", {})
    width, height = size_of(pictures) or (None, None)
    latent = sized(width, height, pictures.get("n"))
    return {"latent": {**latent, "c": 3, "f": 1, "space": "pixels"}}


@node("PixelDataset", version=1, category="dataset", infer=_infer_pixels)
def pixel_dataset(pictures: PictureSet) -> Latent:
    """Take the pixels themselves, in [-1, 1], for latents: diffusion without a first stage.

    Args:
        pictures: The dataset.
    """
    return Latent(pictures.pictures.float() / 127.5 - 1)


def _infer_tokens(given: Inference) -> Mapping[str, Facts]:
    told = given.settings["told"]
    return {"token_set": {} if told is None else {"told": told}}


@node("TellTokens", version=1, category="dataset", infer=_infer_tokens)
def tell_tokens(
    pictures: Annotated[PictureSet, Of(n="n")],
    told: Literal["words", "boxes", "classes"] = "words",
) -> Annotated[TokenSet, Of(n="n")]:
    """Choose what a denoiser is told by cross-attention (Rombach et al. 2022, Sec. 3.3).

    Args:
        pictures: The dataset.
        told: Captions, layouts of up to 4 named boxes, or one class for each picture.
    """
    from nodes.training.told import TOKENS

    return TOKENS[told](pictures)


def _infer_beside(given: Inference) -> Mapping[str, Facts]:
    kind, stage = given.settings["kind"], given.facts.get("autoencoder", {})
    factor, channels = whole(stage, "f"), whole(stage, "c")
    if factor is None or channels is None or kind is None:
        return {}
    seen = {
        "labels": MAPPED,
        "low resolution": 3 * (factor // SHRUNK) ** 2,
        "grey": channels,
        "hole": 1 + channels,
    }
    return {"beside_set": {"channels": seen[kind], **sized(*(_cells(given) or (None, None)))}}


def _review_beside(given: Inference) -> Iterator[Finding]:
    yield from _review_size(given)
    if given.settings["kind"] == "low resolution":
        yield from review_small_cells(given)


@node("TellBeside", version=1, category="dataset", infer=_infer_beside, review=_review_beside)
def tell_beside(
    pictures: Annotated[PictureSet, Of(n="n")],
    autoencoder: Annotated[Autoencoder, Of(f="f", space="s")],
    ctx: Context,
    kind: Literal["labels", "low resolution", "grey", "hole"] = "labels",
) -> Annotated[BesideSet, Of(n="n", f="f", space="s")]:
    """Choose what lies beside the noisy latent, by concat (Rombach et al. 2022, Sec. 4.3 to 4.5).

    Args:
        pictures: The dataset.
        autoencoder: First stage the latents are made with.
        kind: The label map; the picture 4 times smaller; the latent of the grey picture; or a hole
            drawn for each picture and the latent of what it leaves, for inpainting.
    """
    from nodes.runtime import computing, open_autoencoder
    from nodes.training.latents import encode_mean
    from nodes.training.told import BESIDE

    model = open_autoencoder(ctx, autoencoder)
    with computing(ctx):
        return BESIDE[kind](
            pictures,
            model.network.config.factor,
            lambda x: encode_mean(model.network, x.to(model.device), model.scale),
        )


class Example(NamedTuple):
    """One picture of a dataset with all that is known of it."""

    image: Image
    labels: LabelMap
    caption: str
    layout: str
    kind: str
    number: int


def _infer_example(given: Inference) -> Mapping[str, Facts]:
    size = size_of(given.facts.get("pictures", {}))
    return {} if size is None else {"image": sized(*size, 1), "labels": sized(*size, 1)}


def _review_example(given: Inference) -> Iterator[Finding]:
    count, index = given.facts.get("pictures", {}).get("n"), given.settings["index"]
    if isinstance(count, int) and index is not None and index >= count:
        yield Finding(
            f"there is no picture {index}: the dataset has {count}, counted from 0",
            port="index",
            got=str(index),
            expected=f"0..{count - 1}",
            fixes=(Fix(f"set index to {count - 1}", (Edit("", "index", count - 1),)),),
            code="no-such-picture",
        )


@node("TakeExample", version=1, category="dataset", infer=_infer_example, review=_review_example)
def take_example(
    pictures: PictureSet, index: Annotated[int, Range(ge=0, le=10_000_000, step=1)] = 0
) -> Example:
    """Take one picture out of a dataset, with its label map, caption, layout and class.

    Args:
        pictures: The dataset.
        index: Which picture, 0 first.
    """
    import torch

    notes, classes = pictures.read_notes()
    if index >= len(notes):
        raise ValueError(f"there is no picture {index}: the dataset has {len(notes)}")
    note = notes[index]
    x = pictures.pictures[index : index + 1]
    if pictures.labels is None:
        labels = torch.zeros(1, *x.shape[-2:], dtype=torch.uint8)
    else:
        labels = pictures.labels[index : index + 1]
    boxes = (f"{name} {' '.join(f'{side:.4f}' for side in box)}" for name, *box in note.boxes)
    number = classes.index(note.kind) if note.kind in classes else len(classes)
    image = Image(x.float() / 255)
    return Example(image, LabelMap(labels), note.caption, "\n".join(boxes), note.kind, number)
