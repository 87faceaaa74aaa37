"""Somebody's own pictures as a dataset: cut to a square from the middle, scaled, kept as bytes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image as Pillow
from torch import Tensor
from torch.nn import functional as F

from nodes.dataset_values import Note, PictureSet, notes_bytes
from nodes.picture_files import read_picture
from nodes.picture_folder import Entry, Folder
from nodes.training.pool import to_bytes

MOST_LABELS = 255
LEAST_SEEN = 0.25
"""Boxes of which less than this share is left after the cut are left out."""

Faults = list[tuple[str, str]]


@dataclass(frozen=True)
class Square:
    """The largest square in the middle of a picture."""

    left: int
    top: int
    side: int

    def cut(self, x: Tensor) -> Tensor:
        """Cut it out of ... H W."""
        return x[..., self.top : self.top + self.side, self.left : self.left + self.side]


def middle(height: int, width: int) -> Square:
    """The largest square in the middle."""
    side = min(height, width)
    return Square((width - side) // 2, (height - side) // 2, side)


def load_folder(
    folder: Folder, size: int, report: Callable[[int, int], None]
) -> tuple[PictureSet, Faults]:
    """Read a folder's pictures; those that are damaged are left out and told.

    Args:
        folder: What `read_folder` has found.
        size: Side in pixels of what comes out.
        report: Called with how many are done, and of how many.

    Raises:
        ValueError: No picture can be read.
    """
    faults = list(folder.faults)
    mapped = bool(folder.entries) and all(entry.labels for entry in folder.entries)
    if not mapped and (some := sum(entry.labels is not None for entry in folder.entries)):
        fault = f"are used of all pictures or of none; {some} of {len(folder.entries)} have one"
        faults.append(("label maps", fault))
    pictures, labels, notes = [], [], []
    for done, entry in enumerate(folder.entries, 1):
        try:
            picture, note, label = _example(entry, size, mapped)
        except (OSError, ValueError) as error:
            faults.append((entry.name, str(error).removeprefix(f"{entry.path.name} ")))
        else:
            pictures.append(picture)
            notes.append(note)
            labels.append(label)
        report(done, len(folder.entries))
    if not pictures:
        raise ValueError("no picture of the folder can be read; " + sentence(faults))
    maps = torch.stack(labels) if mapped else None
    classes = _classes(folder.classes, notes, maps)
    return PictureSet(torch.stack(pictures), maps, notes_bytes(notes, classes)), faults


def sentence(faults: Sequence[tuple[str, str]], most: int = 5) -> str:
    """The first few faults in words."""
    told = "; ".join(f"{name} {why}" for name, why in faults[:most])
    return told + (f"; and {len(faults) - most} more" if len(faults) > most else "")


def _example(entry: Entry, size: int, mapped: bool) -> tuple[Tensor, Note, Tensor]:
    x = read_picture(entry.path)
    height, width = x.shape[-2:]
    square = middle(height, width)
    cut = F.interpolate(square.cut(x), (size, size), mode="bicubic", antialias=True)
    boxes = [_moved(box, square) for box in entry.boxes]
    note = Note(entry.caption, tuple(box for box in boxes if box), entry.kind)
    label = torch.zeros(0, dtype=torch.uint8)
    if mapped and entry.labels is not None:
        label = square.cut(_label_map(entry.labels, (height, width)))
        label = F.interpolate(label[None, None].float(), (size, size))[0, 0].to(torch.uint8)
    return to_bytes(cut[0]), note, label


def _moved(
    box: tuple[str, float, float, float, float], square: Square
) -> tuple[str, float, float, float, float] | None:
    """A box of the file as shares of the square; None where too little of it is left."""
    name, left, top, width, height = box
    sides = (left - square.left, top - square.top)
    first = [min(1.0, max(0.0, low / square.side)) for low in sides]
    ends = (sides[0] + width, sides[1] + height)
    last = [min(1.0, max(0.0, high / square.side)) for high in ends]
    seen = (last[0] - first[0]) * (last[1] - first[1]) * square.side**2
    if width <= 0 or height <= 0 or seen < LEAST_SEEN * width * height:
        return None
    return name, *(round(share, 4) for share in (*first, *last))  # type: ignore[return-value]


def _label_map(path: Path, size: tuple[int, int]) -> Tensor:
    """The grey value, or the palette's index, of every pixel, uint8 H W.

    Raises:
        ValueError: It is damaged, of another size, or has colours.
    """
    try:
        with Pillow.open(path, formats=("PNG",)) as picture:
            if picture.mode not in ("L", "P", "1") or picture.size != size[::-1]:
                raise ValueError(
                    f"has a label map of {picture.size[0]} x {picture.size[1]} pixels in mode"
                    f" {picture.mode}; expected {size[1]} x {size[0]} in grey or with a palette"
                )
            return torch.from_numpy(np.array(picture, dtype=np.uint8))
    except (OSError, SyntaxError, Pillow.DecompressionBombError) as error:
        raise ValueError(f"has a label map that is damaged ({error})") from error


def _classes(named: Sequence[str], notes: Sequence[Note], labels: Tensor | None) -> tuple[str, ...]:
    """Names in order: those of `classes.txt`, others that occur, labels that have no name."""
    occurring = {note.kind for note in notes} | {box[0] for note in notes for box in note.boxes}
    names = [*named, *sorted(occurring - {"", *named})]
    largest = 0 if labels is None else int(labels.max())
    return tuple([*names, *(f"label {k + 1}" for k in range(len(names), largest))])
