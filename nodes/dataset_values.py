"""Datasets: pictures with what is known of each, and what stage two is told of them.

Latents of a dataset travel as `Latent`; a `TokenSet` and a `BesideSet` stand beside them, row k for
picture k. Each of their fields is one kind of condition, so a new kind is a new field and no new
training.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, ClassVar

from nodes.value_kinds import TensorValue

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Note:
    """What is known of one picture; what is not known is empty.

    Attributes:
        caption: The picture in words.
        boxes: Its objects: name, left, top, right, bottom as shares of the picture.
        kind: The one class it belongs to.
    """

    caption: str = ""
    boxes: tuple[tuple[str, float, float, float, float], ...] = ()
    kind: str = ""


@dataclass(frozen=True, eq=False)
class PictureSet(TensorValue):
    """Pictures in memory as bytes, with what is known of each.

    Attributes:
        pictures: uint8 N 3 H W, 0..255.
        labels: The label of every pixel, uint8 N H W; None where nobody knows.
        notes: A `Note` for each picture and the names of classes and labels, as UTF-8 JSON, V.
    """

    pictures: Tensor
    labels: Tensor | None = None
    notes: Tensor | None = None
    AXES: ClassVar[dict[str, str]] = {"pictures": "N 3 H W", "labels": "N H W", "notes": "V"}
    FACTS: ClassVar[dict[str, str]] = {"n": "N", "h": "H", "w": "W"}

    def read_notes(self) -> tuple[list[Note], tuple[str, ...]]:
        """A note for each picture, and the names of the classes in order."""
        if self.notes is None:
            return [Note() for _ in self.pictures], ()
        document = json.loads(bytes(self.notes.tolist()))
        notes = [
            Note(n["caption"], tuple((b[0], *b[1:]) for b in n["boxes"]), n["kind"])
            for n in document["notes"]
        ]
        return notes, tuple(document["classes"])

    def chosen(self, rows: Sequence[int]) -> PictureSet:
        """Some of the pictures, in the order given."""
        notes, classes = self.read_notes()
        return PictureSet(
            self.pictures[list(rows)],
            None if self.labels is None else self.labels[list(rows)],
            notes_bytes([notes[k] for k in rows], classes),
        )


def notes_bytes(notes: Sequence[Note], classes: Sequence[str]) -> Tensor:
    """Notes as the bytes that a `PictureSet` carries."""
    document = {"classes": list(classes), "notes": [asdict(note) for note in notes]}
    return text_bytes(json.dumps(document, separators=(",", ":"), ensure_ascii=False))


def text_bytes(text: str) -> Tensor:
    """UTF-8 bytes as a tensor."""
    import numpy as np
    import torch

    return torch.from_numpy(np.frombuffer(text.encode(), dtype=np.uint8).copy())


@dataclass(frozen=True, eq=False)
class TokenSet(TensorValue):
    """What is told by cross-attention; exactly one kind is there.

    Attributes:
        words: Token ids of captions, N T.
        boxes: Token ids of layouts, three for each object, N T.
        classes: Class indices, N 1.
        vectors: Tokens that are given as they are, such as a picture's neighbours, N T D.
        vocabulary: The names that ids or classes stand for, one a line, as UTF-8 bytes, V.
    """

    words: Tensor | None = None
    boxes: Tensor | None = None
    classes: Tensor | None = None
    vectors: Tensor | None = None
    vocabulary: Tensor | None = None
    AXES: ClassVar[dict[str, str]] = {
        "words": "N T",
        "boxes": "N T",
        "classes": "N 1",
        "vectors": "N T D",
        "vocabulary": "V",
    }

    @property
    def kind(self) -> str:
        """Which kind is there: words, boxes, classes or vectors."""
        return next(iter(self.tensors))

    @property
    def rows(self) -> Tensor:
        """Tokens of that kind, one row for each picture."""
        return self.tensors[self.kind]

    @property
    def names(self) -> tuple[str, ...]:
        """The vocabulary in words."""
        if self.vocabulary is None:
            return ()
        return tuple(bytes(self.vocabulary.tolist()).decode().splitlines())

    @property
    def facts(self) -> dict[str, int | str]:
        """How many pictures, what is told of them, and how wide given tokens are."""
        width = {} if self.vectors is None else {"width": self.vectors.shape[2]}
        return {"n": len(self.rows), "told": self.kind, **width}


@dataclass(frozen=True, eq=False)
class BesideSet(TensorValue):
    """What lies beside the noisy latent at the UNet's input; exactly one kind is there.

    Attributes:
        channels: Channels that are given as they are, N c' h w.
        labels: Shares of each label in a latent cell, N L h w; a learnt map makes them few.
    """

    channels: Tensor | None = None
    labels: Tensor | None = None
    AXES: ClassVar[dict[str, str]] = {"channels": "N c h w", "labels": "N L h w"}

    @property
    def rows(self) -> Tensor:
        """What is there, one row for each picture."""
        return next(iter(self.tensors.values()))

    @property
    def facts(self) -> dict[str, int | str]:
        """How many pictures, how many channels the UNet will see, and the size in cells."""
        count, channels, height, width = self.rows.shape
        seen = channels if self.labels is None else MAPPED
        return {"n": count, "channels": seen, "h": height, "w": width}


@dataclass(frozen=True, eq=False)
class LabelMap(TensorValue):
    """The label of every pixel, uint8 B H W; 0 is the background."""

    data: Tensor
    AXES: ClassVar[dict[str, str]] = {"data": "B H W"}
    FACTS: ClassVar[dict[str, str]] = {"n": "B", "h": "H", "w": "W"}


MAPPED = 4
"""Channels that label maps are brought to."""
