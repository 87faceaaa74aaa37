"""The shapes in a file as detection looks at them: below one prefix, by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from nodes.checkpoints.layouts.shapes import Shape


class Tensors(Mapping[str, Shape]):
    """Shapes by name, of all tensors whose name begins with a prefix, which is cut off.

    Args:
        shapes: Shapes by full name.
        prefix: What the names begin with.
    """

    def __init__(self, shapes: Mapping[str, Shape], prefix: str = "") -> None:
        self.prefix = prefix
        self._shapes = {
            name[len(prefix) :]: shape for name, shape in shapes.items() if name.startswith(prefix)
        }

    def __getitem__(self, name: str) -> Shape:
        return self._shapes[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._shapes)

    def __len__(self) -> int:
        return len(self._shapes)

    def size(self, name: str, axis: int) -> int:
        """Length of one axis.

        Raises:
            ValueError: There is no such tensor or axis.
        """
        shape = self.get(name, ())
        if axis >= len(shape):
            what = f"has shape {list(shape)}" if name in self else "is missing"
            raise ValueError(f"tensor {self.prefix + name!r} {what}")
        return shape[axis]

    def count(self, form: str) -> int:
        """How many numbers, from 0 on, fit the `#` in a name: `down.#.block` of down.0, down.1."""
        return len(self.numbers(form))

    def numbers(self, form: str) -> set[int]:
        """The numbers that stand for the `#` in a beginning of a name."""
        head, tail = form.split("#")
        pattern = re.compile(rf"{re.escape(head)}(\d+){re.escape(tail)}")
        return {int(found[1]) for name in self._names if (found := pattern.match(name))}

    @cached_property
    def _names(self) -> list[str]:
        return list(self._shapes)

    def any_below(self, beginning: str) -> bool:
        """Whether a name begins so."""
        return any(name.startswith(beginning) for name in self._names)
