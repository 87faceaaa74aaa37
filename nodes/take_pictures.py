"""TakePictures: a few pictures of a dataset as a batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from engine.node import Edit, Facts, Finding, Fix, Inference, Range, node
from nodes.dataset_values import PictureSet
from nodes.sizes import size_of, sized
from nodes.values import Image


def _infer_taken(given: Inference) -> Mapping[str, Facts]:
    pictures, first = given.facts.get("pictures", {}), given.settings["first"]
    width, height = size_of(pictures) or (None, None)
    there, count = pictures.get("n"), given.settings["count"]
    known = isinstance(there, int) and count is not None and first is not None
    return {"image": sized(width, height, max(0, min(count, there - first)) if known else None)}


def _review_taken(given: Inference) -> Iterator[Finding]:
    there, first = given.facts.get("pictures", {}).get("n"), given.settings["first"]
    if isinstance(there, int) and first is not None and first >= there:
        yield Finding(
            f"there is no picture {first}: the dataset has {there}, counted from 0",
            port="first",
            got=str(first),
            expected=f"0..{there - 1}",
            fixes=(Fix("set first to 0", (Edit("", "first", 0),)),),
            code="no-such-picture",
        )


@node("TakePictures", version=1, category="dataset", infer=_infer_taken, review=_review_taken)
def take_pictures(
    pictures: PictureSet,
    first: Annotated[int, Range(ge=0, le=10_000_000, step=1)] = 0,
    count: Annotated[int, Range(ge=1, le=1024, step=1)] = 16,
) -> Image:
    """Take some pictures of a dataset as one batch.

    Args:
        pictures: The dataset.
        first: The first of them, 0 first.
        count: How many; fewer where the dataset ends.
    """
    if first >= len(pictures.pictures):
        raise ValueError(f"there is no picture {first}: the dataset has {len(pictures.pictures)}")
    return Image(pictures.pictures[first : first + count].float() / 255)
