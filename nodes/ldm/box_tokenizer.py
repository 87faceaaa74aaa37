"""Layouts to token ids: each object is (top left, bottom right, class); loads without torch.

The paper's layout tokens (Rombach et al. 2022, Sec. 4.3.2, App. E.2.1): corners are cells of a
grid over the picture. A layout is text, one object a line: `red sphere 0.10 0.52 0.35 0.80`, the
sides left, top, right, bottom as shares of the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from nodes.ldm.text_config import SPECIAL_TOKENS, TextEncoderConfig

if TYPE_CHECKING:
    from torch import Tensor

PAD = 0
TOKENS_EACH = 3
NAMED = "a class and the sides left, top, right, bottom in 0..1, as `red sphere 0.1 0.5 0.3 0.8`"


class NamedBox(NamedTuple):
    """An object of a layout; sides are shares of the picture, 0..1."""

    name: str
    left: float
    top: float
    right: float
    bottom: float


def read_layout(text: str) -> list[NamedBox]:
    """Read a layout whatever its classes are called; lines without words are left out.

    Raises:
        ValueError: A line is no object, with which one and what is expected.
    """
    lines = [line.split() for line in text.splitlines() if line.strip()]
    return [_object(number, words) for number, words in enumerate(lines, start=1)]


def _object(number: int, words: list[str]) -> NamedBox:
    short = " ".join(words)[:60]
    try:
        left, top, right, bottom = (float(word) for word in words[-4:])
    except ValueError:
        raise ValueError(f'object {number} is "{short}", expected {NAMED}') from None
    if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
        raise ValueError(
            f'object {number} is "{short}", whose sides are no box: expected left < right and'
            " top < bottom, all in 0..1"
        )
    return NamedBox(" ".join(words[:-4]), left, top, right, bottom)


@dataclass(frozen=True)
class BoxTokenizer:
    """Class k has id k + 2, corner cell j the id j behind the last class.

    Args:
        names: Names of the classes.
        grid: Cells along each side of the picture.
        max_tokens: Length every layout is padded to, three for each object.
    """

    names: tuple[str, ...]
    grid: int
    max_tokens: int

    @classmethod
    def of(cls, config: TextEncoderConfig) -> BoxTokenizer:
        """Make the tokenizer of an encoder that carries its classes and grid."""
        return cls(config.words, config.grid, config.max_tokens)

    @property
    def most(self) -> int:
        """Objects that a layout may have."""
        return self.max_tokens // TOKENS_EACH

    def read(self, text: str) -> list[NamedBox]:
        """Read a layout.

        Raises:
            ValueError: A line is no object, with the line and what is expected.
        """
        boxes = read_layout(text)
        if len(boxes) > self.most:
            raise ValueError(f"the layout has {len(boxes)} objects, expected at most {self.most}")
        for number, box in enumerate(boxes, start=1):
            if box.name not in self.names:
                raise ValueError(
                    f"object {number} of the layout is called {box.name!r}; classes are:"
                    f" {', '.join(self.names)}"
                )
        return boxes

    def unreadable(self, text: str) -> str | None:
        """What is wrong with a layout, if anything is."""
        try:
            self.read(text)
        except ValueError as error:
            return str(error)
        return None

    def ids(self, boxes: Sequence[NamedBox]) -> list[int]:
        """Return the `max_tokens` token ids of a layout."""
        found: list[int] = []
        for box in boxes:
            found += [self._corner(box.left, box.top), self._corner(box.right, box.bottom)]
            found.append(SPECIAL_TOKENS + self.names.index(box.name))
        return found + [PAD] * (self.max_tokens - len(found))

    def __call__(self, texts: Sequence[str]) -> Tensor:
        """Return the token ids of several layouts, B T, int64."""
        import torch

        return torch.tensor([self.ids(self.read(text)) for text in texts], dtype=torch.int64)

    def _corner(self, x: float, y: float) -> int:
        column, row = (min(self.grid - 1, int(side * self.grid)) for side in (x, y))
        return SPECIAL_TOKENS + len(self.names) + row * self.grid + column
