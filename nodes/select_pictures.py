"""SelectPictures: a part of a dataset, by what its captions say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from engine.node import Facts, Inference, Of, Range, node
from nodes.dataset_values import PictureSet
from nodes.sizes import size_of, sized


def _infer(given: Inference) -> Mapping[str, Facts]:
    return {"picture_set": sized(*(size_of(given.facts.get("pictures", {})) or (None, None)))}


@node("SelectPictures", version=1, category="dataset", infer=_infer)
def select_pictures(
    pictures: Annotated[PictureSet, Of(h="h", w="w")],
    captions: Literal["with", "without"] = "with",
    phrases: str = "",
    most: Annotated[int, Range(ge=0, le=1_000_000, step=1)] = 0,
) -> Annotated[PictureSet, Of(h="h", w="w")]:
    """Keep the pictures whose captions have, or have not, one of some phrases.

    Args:
        pictures: The dataset.
        captions: Keep those with one of the phrases, or those without any.
        phrases: Separated by commas, as `red cube, blue cone`; compared without regard to case.
        most: Keep the first so many of them; 0 keeps all.
    """
    wanted = [phrase.strip().lower() for phrase in phrases.split(",") if phrase.strip()]
    notes, _ = pictures.read_notes()
    kept = [
        k
        for k, note in enumerate(notes)
        if any(phrase in note.caption.lower() for phrase in wanted) == (captions == "with")
    ]
    if not kept:
        raise ValueError(
            f"none of the {len(notes)} pictures has a caption {captions} {phrases!r}; name other"
            " phrases, or take a larger dataset"
        )
    return pictures.chosen(kept[:most] if most else kept)
