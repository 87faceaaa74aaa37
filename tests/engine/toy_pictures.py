"""Toy nodes that save pictures with their receipts."""

from __future__ import annotations

from typing import Annotated

from engine.node import Context, Stem, node
from tests.engine.pngs import png
from tests.engine.toy_nodes import Words


@node("Draw", version=1, category="toys", effect=True, receipt=True)
def draw(shade: int, ctx: Context, copies: int = 1, name: Annotated[str, Stem] = "drawing") -> None:
    """Save pictures of one shade, with the receipt of each.

    Args:
        shade: How light.
        copies: How many.
        name: Start of the file names.
    """
    row = bytes([shade % 256, 0, 0]) * 4
    for _ in range(copies):
        ctx.save(name, ".png", png([row] * 4, ctx.receipt()))


@node("Weigh", version=1, category="toys")
def weigh(words: Words) -> int:
    """Count the characters of words.

    Args:
        words: The words.
    """
    return len(words.text)


@node("Stamp", version=1, category="toys")
def stamp(time: float) -> int:
    """Give the last digits of a time.

    Args:
        time: The time.
    """
    return int(time * 1000) % 251
