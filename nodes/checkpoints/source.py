"""Where a network's tensor is stored in a file of another layout: key maps are made of these.

A key map is data: our tensor name -> `Source`. It loads without torch, so a header alone
tells whether a file fits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Source(NamedTuple):
    """One stored tensor, or an equal part of one along its first axis.

    What is stored may have further or fewer axes of length 1 than our tensor (a linear map and a
    1x1 convolution are the same numbers); reading brings it to our shape.

    Attributes:
        name: Name in the file.
        part: Which of `parts` equal parts of the first axis, from 0 (packed q, k, v).
        parts: How many parts the stored tensor has.
        transposed: Whether the last two axes are stored the other way round.
        joined: Further stored tensors that make up ours with it, along the first axis.
        turns: With `joined`, into how many equal parts each is cut; the parts are laid in turn
            (q, k, v of the first head, then of the second: `nodes.ldm.attention.QKVAttention`).
    """

    name: str
    part: int = 0
    parts: int = 1
    transposed: bool = False
    joined: tuple[str, ...] = ()
    turns: int = 1

    @property
    def names(self) -> tuple[str, ...]:
        """All stored tensors it takes."""
        return (self.name, *self.joined)


KeyMap = Mapping[str, Source]
"""Our tensor name, without the part's prefix, to where it is stored."""


def same_names(names: Mapping[str, object] | list[str], prefix: str = "") -> dict[str, Source]:
    """Return the key map of a file that names its tensors as we do, below `prefix`."""
    return {name: Source(prefix + name) for name in names}
