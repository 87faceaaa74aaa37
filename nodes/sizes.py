"""What the check says about sizes: in which words, and which fix it offers.

Facts h and w are pixels of pictures and masks, and cells of latents; n is the size of a batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from engine.node import Edit, Facts, Finding, Fix, Inference, NewStep, Range

Pixels = Annotated[int, Range(ge=1, le=8192, step=8)]
"""A side of a picture."""


def size_of(facts: Facts) -> tuple[int, int] | None:
    """Width and height, if both are known."""
    width, height = facts.get("w"), facts.get("h")
    return (width, height) if isinstance(width, int) and isinstance(height, int) else None


def sized(width: int | None, height: int | None, batch: object = None) -> Facts:
    """Facts of a size, without those that are not known."""
    found = {"w": width, "h": height, "n": batch}
    return {name: value for name, value in found.items() if isinstance(value, int)}


def largest_batch(given: Inference, *ports: str) -> int | None:
    """Size of the batch that comes out when single values go with any number of others."""
    sizes = [given.facts[port].get("n") for port in ports if port in given.facts]
    known = [size for size in sizes if isinstance(size, int)]
    return max(known) if known and len(known) == len(sizes) else None


def batches_differ(given: Inference, *ports: str) -> Iterator[Finding]:
    """Find batches of different sizes; a single value goes with any."""
    sizes = {port: given.facts[port].get("n") for port in ports if port in given.facts}
    many = {port: size for port, size in sizes.items() if isinstance(size, int) and size > 1}
    if len(set(many.values())) > 1:
        found = " but ".join(f"`{port}` is a batch of {size}" for port, size in many.items())
        first, *_, last = many
        yield Finding(
            found,
            port=last,
            got=f"{many[last]} in the batch",
            expected=f"{many[first]}, or a single one",
            fixes=(Fix("link batches of one size, or a single one"),),
            code="batches-differ",
        )


def sizes_differ(given: Inference, picture: str, mask: str) -> Iterator[Finding]:
    """Find a mask of another size than its picture."""
    size = size_of(given.facts.get(picture, {}))
    mask_size = size_of(given.facts.get(mask, {}))
    if size and mask_size and size != mask_size:
        yield Finding(
            size_sentence(picture, size, mask, mask_size),
            port=mask,
            got=by(mask_size),
            expected=by(size),
            fixes=(resizing(picture, *mask_size),),
            code="sizes-differ",
        )


def size_sentence(one: str, size: tuple[int, int], other: str, other_size: tuple[int, int]) -> str:
    """Say that two things are not of one size."""
    return f"`{other}` is {by(other_size)} but `{one}` is {by(size)}"


def no_multiple(port: str, size: tuple[int, int], step: int, why: str) -> Finding:
    """Say that a linked picture has sides that are no multiples of a number of pixels.

    Args:
        port: Where it is linked.
        size: Its width and height.
        step: The number.
        why: What needs it, "the autoencoder's factor".
    """
    return Finding(
        f"`{port}` is {by(size)}, but {why} needs sides that are multiples of {step}",
        port=port,
        got=by(size),
        expected=f"multiples of {step}",
        fixes=tuple(resizing(port, *near) for near in nearest_sizes(size, step)),
        code="size-no-multiple",
    )


def setting_no_multiple(name: str, side: int, step: int, why: str) -> Finding:
    """Say that a setting of this very step is no multiple of a number, and offer the nearest."""
    return Finding(
        f"`{name}` is {side}, which is no multiple of {why} {step}",
        port=name,
        got=str(side),
        expected=f"a multiple of {step}",
        fixes=tuple(
            Fix(f"set {name} to {near}", (Edit("", name, near),)) for near in nearest(side, step)
        ),
        code="size-no-multiple",
    )


def nearest_sizes(size: tuple[int, int], step: int) -> list[tuple[int, int]]:
    """The largest size of whole steps inside, and the smallest around."""
    below = tuple(max(step, side // step * step) for side in size)
    above = tuple(-(-side // step) * step for side in size)
    return [(found[0], found[1]) for found in dict.fromkeys((below, above))]


def nearest(side: int, step: int) -> list[int]:
    """The multiples below and above, without 0."""
    below = side // step * step
    return [near for near in (below, below + step) if near]


def resizing(port: str, width: int, height: int) -> Fix:
    """Put a Resize before an input."""
    settings: Mapping[str, int] = {"width": width, "height": height}
    step = NewStep("Resize", reads="image", gives="image", inputs=settings)
    return Fix(f"put a Resize to {width} x {height} before it", (Edit("", port, via=step),))


def by(size: tuple[int, int]) -> str:
    """Write a size as people do."""
    return f"{size[0]} x {size[1]}"
