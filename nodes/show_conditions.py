"""What a denoiser is told, made visible: label maps and layouts as pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from engine.node import Facts, Finding, Fix, Inference, Of, Range, Text, node
from nodes.dataset_values import LabelMap
from nodes.ldm.box_tokenizer import NAMED, read_layout
from nodes.sizes import sized
from nodes.values import Image


@node("PaintLabels", version=1, category="dataset")
def paint_labels(
    labels: Annotated[LabelMap, Of(h="h", w="w", n="n")],
) -> Annotated[Image, Of(h="h", w="w", n="n")]:
    """Show a label map as a picture: a colour for each label, the background light grey.

    Args:
        labels: The label of every pixel.
    """
    from nodes.measuring.conditions import painted

    return Image(painted(labels.data))


def _review_layout(given: Inference) -> Iterator[Finding]:
    try:
        read_layout(given.settings["layout"] or "")
    except ValueError as error:
        yield Finding(
            str(error),
            port="layout",
            got="what cannot be read",
            expected=f"on each line {NAMED}",
            fixes=(Fix(f"write {NAMED} on each line"),),
            code="layout-unreadable",
        )


def _infer_layout(given: Inference) -> Mapping[str, Facts]:
    if "image" in given.facts:
        return {"image": dict(given.facts["image"])}
    side = given.settings["size"]
    return {"image": sized(side, side, 1)}


@node("DrawLayout", version=1, category="dataset", infer=_infer_layout, review=_review_layout)
def draw_layout(
    layout: Annotated[str, Text(multiline=True)] = "",
    image: Annotated[Image, Of(h="h", w="w", n="n")] | None = None,
    size: Annotated[int, Range(ge=32, le=2048, step=32)] = 128,
) -> Image:
    """Draw the boxes of a layout, over a picture if there is one.

    Args:
        layout: One object a line: class, left, top, right, bottom as shares of the picture.
        image: Pictures to draw on; white without.
        size: Side in pixels where there is no picture.
    """
    import torch

    from nodes.measuring.conditions import with_boxes

    blank = torch.ones(1, 3, size, size)
    return Image(with_boxes(blank if image is None else image.data, layout))
