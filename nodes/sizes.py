"""What the check says about sizes: in which words, and which fix it offers.

Facts h and w are pixels of pictures and masks, and cells of latents; n is the size of a batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from engine.node import Edit, Facts, Finding, Fix, Inference, NewStep, Range

Pixels = Annotated[int, Range(ge=1, le=8192, step=8)]
"""A side of a picture."""


def size_of(facts: Facts) -> tuple[int, int] | None:
    """Width and height, if both are known."""
    width, height = whole(facts, "w"), whole(facts, "h")
    return (width, height) if width and height else None


def whole(facts: Facts, name: str) -> int | None:
    """A fact that is a positive number, if it is known."""
    value = facts.get(name)
    return value if isinstance(value, int) and value > 0 else None


def sized(width: int | None, height: int | None, batch: object = None) -> Facts:
    """Facts of a size, without those that are not known."""
    found = {"w": width, "h": height, "n": batch}
    return {name: value for name, value in found.items() if isinstance(value, int)}


def picture_facts(size: tuple[int, int] | None, batch: object = 1) -> Facts:
    """Facts of a picture or mask of a size, which may not be known."""
    width, height = size or (None, None)
    return sized(width, height, batch)


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


def sizes_differ(
    given: Inference, like: str, port: str, scaler: Literal["Resize", "ResizeMask"] = "Resize"
) -> Iterator[Finding]:
    """Find an input of another size than the one it belongs to.

    Args:
        given: What is known of the inputs.
        like: The input that has the size.
        port: The input that must have it too.
        scaler: Node that would scale it.
    """
    size = size_of(given.facts.get(like, {}))
    other = size_of(given.facts.get(port, {}))
    if size and other and size != other:
        yield Finding(
            size_sentence(like, size, port, other),
            port=port,
            got=by(other),
            expected=by(size),
            fixes=(resizing(port, *size, scaler),),
            code="sizes-differ",
        )


def mask_differs(given: Inference) -> Iterator[Finding]:
    """A mask of any size is scaled to the latent's, but one of other pixels marks other places."""
    latent, mask = given.facts.get("latent", {}), size_of(given.facts.get("mask", {}))
    factor, cells = latent.get("f"), size_of(latent)
    if isinstance(factor, int) and cells and mask:
        pixels = (cells[0] * factor, cells[1] * factor)
        if mask != pixels:
            yield Finding(
                size_sentence("latent", pixels, "mask", mask)
                + " (in pixels), so it will be scaled",
                port="mask",
                got=by(mask),
                expected=by(pixels),
                fixes=(resizing("mask", *pixels, "ResizeMask"),),
                severity="warning",
                code="sizes-differ",
            )


def scenes_uneven(given: Inference, part: str = "autoencoder") -> Iterator[Finding]:
    """Find scenes of a size that a linked first stage cannot halve down to whole cells."""
    size, factor = size_of(given.facts.get("scenes", {})), whole(given.facts.get(part, {}), "f")
    if size and factor and size[0] % factor:
        near = " or ".join(map(str, nearest(size[0], factor)))
        yield Finding(
            f"the scenes are {by(size)}, but this autoencoder needs multiples of {factor}",
            port="scenes",
            got=by(size),
            expected=f"multiples of {factor}",
            fixes=(Fix(f"draw them at size {near}"),),
            code="size-no-multiple",
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


def resizing(
    port: str, width: int, height: int, scaler: Literal["Resize", "ResizeMask"] = "Resize"
) -> Fix:
    """Put a node that scales before an input."""
    settings: Mapping[str, int] = {"width": width, "height": height}
    name = "image" if scaler == "Resize" else "mask"
    step = NewStep(scaler, reads=name, gives=name, inputs=settings)
    text = f"put a {scaler} to {by((width, height))} before `{port}`"
    return Fix(text, (Edit("", port, via=step),))


def by(size: tuple[int, int]) -> str:
    """Write a size as people do."""
    return f"{size[0]} x {size[1]}"
