"""LoadDataset: a folder of somebody's own pictures, with captions, boxes and label maps beside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, NamedTuple

from engine.node import (
    Context,
    Estimate,
    Facts,
    File,
    FileRef,
    Finding,
    Fix,
    Inference,
    Range,
    Settings,
    node,
)
from nodes.dataset_values import PictureSet
from nodes.estimates import LIBRARIES
from nodes.memory import FLOAT
from nodes.picture_files import MAX_PIXELS, SUFFIXES, picture_size
from nodes.picture_folder import METADATA, files_beside, is_picture, read_folder
from nodes.sizes import sized
from nodes.values import Metrics

NAMED = 8
"""Files that a warning names."""
LOOKED_AT = 200
"""Pictures whose sizes an estimate looks at."""


class LoadedDataset(NamedTuple):
    """A dataset, and what could not be used of its folder."""

    picture_set: PictureSet
    report: Metrics


def _infer(given: Inference) -> Mapping[str, Facts]:
    # How many there are shows when their pixels are read: damaged ones are left out.
    side = given.settings["size"]
    return {"picture_set": sized(side, side)}


def _review(given: Inference) -> Iterator[Finding]:
    """List the files that will be left out; refuse a folder that has no picture at all."""
    file = given.settings["file"]
    if file is None:
        return
    folder = read_folder(file.path)
    told = "; ".join(f"{name} {why}" for name, why in folder.faults[:NAMED])
    more = len(folder.faults) - NAMED
    told += f"; and {more} more" if more > 0 else ""
    if not folder.entries:
        yield Finding(
            "there is no picture in the folder of this file" + (f": {told}" if told else ""),
            port="file",
            got="0 pictures",
            expected=f"files that end in {', '.join(SUFFIXES)}",
            fixes=(Fix("put pictures beside it"),),
            code="no-pictures",
        )
    elif folder.faults:
        yield Finding(
            f"{len(folder.faults)} of the files beside {len(folder.entries)} good pictures will be"
            f" left out: {told}",
            port="file",
            got=f"{len(folder.faults)} that cannot be used",
            expected="readable pictures and texts",
            fixes=(Fix("mend them or take them away; the others are used meanwhile"),),
            severity="warning",
            code="files-left-out",
        )


def _estimate(given: Inference, run: Settings) -> Estimate | None:
    """The pictures as bytes, and the largest one while it is read."""
    del run
    file, side = given.settings["file"], given.settings["size"]
    if file is None or side is None:
        return None
    pictures = [found.path for found in file.all if is_picture(found.path.name)]
    sizes = map(picture_size, pictures[:LOOKED_AT])
    largest = max((size[0] * size[1] for size in sizes if size), default=0)
    if len(pictures) > LOOKED_AT:
        largest = max(largest, MAX_PIXELS // 4)
    # twice, as they are gathered; the largest as bytes and as floats in three colours
    working = 2 * 3 * side * side * len(pictures) + (1 + 2 * FLOAT) * 3 * largest
    return Estimate(working, LIBRARIES)


@node(
    "LoadDataset",
    version=1,
    category="dataset",
    infer=_infer,
    review=_review,
    estimate=_estimate,
)
def load_dataset(
    file: Annotated[
        FileRef,
        File(
            "inputs",
            (METADATA, *SUFFIXES),
            beside=files_beside,
            instead={"": "name metadata.jsonl or any picture in the folder"},
        ),
    ],
    ctx: Context,
    size: Annotated[int, Range(ge=16, le=1024, step=16)] = 128,
) -> LoadedDataset:
    """Read your own pictures: all below the folder of one file, with what stands beside each.

    `cat.txt` beside `cat.png` is its caption, `cat.labels.png` its label map (grey value = label);
    captions, classes and boxes may stand in `metadata.jsonl` instead, names of labels in
    `classes.txt`, and a folder's name is the class of the pictures in it. What cannot be used is
    listed and left out.

    Args:
        file: `metadata.jsonl`, or any picture of the folder.
        size: Side in pixels: the largest square in the middle is cut out and scaled.
    """
    from nodes.training.folder import load_folder

    pictures, faults = load_folder(read_folder(file.path), size, ctx.progress)
    notes, classes = pictures.read_notes()
    figures = (
        ("pictures", float(len(notes))),
        ("left out", float(len(faults))),
        ("with a caption", float(sum(bool(note.caption) for note in notes))),
        ("with boxes", float(sum(bool(note.boxes) for note in notes))),
        ("with a label map", 0.0 if pictures.labels is None else float(len(notes))),
        ("classes", float(len(classes))),
    )
    told = tuple((f"left out: {name} {why}", 1.0) for name, why in faults)
    return LoadedDataset(pictures, Metrics("Dataset", figures + told))
