"""How much memory a network will take, from its shape alone, and whether the machine has it.

Counted are numbers that are alive at one time in the worst layer: the inputs of a block and what
waits for it, and for its widest convolution the input and output, each once more as the library
copies them; four bytes each in float32. `tests/benchmarks/memory.py` holds this against what a
process really takes, on a CPU: passes of UNets took up to a quarter more, decodings from 13% less
to 6% more.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from engine.node import Facts, Finding, Fix, Inference, machine_bytes
from nodes.ldm.config import LARGE, AutoencoderConfig, UNetConfig
from nodes.sizes import by, size_of

FLOAT = 4
DECODED_AT_ONCE = 4
"""Pictures that Decode works on at a time."""

OF_BLOCK = 9
"""Numbers that a residual block leaves for the way back, for each of its channels and places."""
OF_TRANSFORMER = 16
"""What a transformer leaves besides."""
OF_MAP = 1.7
"""Copies of its attention map."""
ATTENDING_UNIT = 1000
"""Facts are whole numbers: what grows with the square of the cells is counted in thousandths."""


def decoding_floats(config: AutoencoderConfig) -> int:
    """Numbers for each pixel at the peak of decoding."""
    return int(max(_decoding_levels(config)))


def _decoding_levels(config: AutoencoderConfig) -> Iterator[float]:
    inner = (*config.widths[1:], config.widths[-1])
    for level, (width, below) in enumerate(zip(config.widths, inner, strict=True)):
        first, second = 3 * below + 2 * width, below + 5 * width
        yield max(first, second, 4.25 * below) / 4**level


def encoding_floats(config: AutoencoderConfig) -> int:
    """Numbers for each pixel at the peak of encoding."""
    widths = (config.widths[0], *config.widths)
    levels = enumerate(pairwise(widths))
    blocks = (max(3 * a + 2 * b, a + 5 * b, 4.25 * b) / 4**level for level, (a, b) in levels)
    return int(max(blocks))


def denoising_floats(config: UNetConfig) -> int:
    """Numbers for each latent cell at the peak of one pass."""
    return int(waiting_floats(config) + max(_denoising_levels(config)))


def waiting_floats(config: UNetConfig) -> float:
    """Numbers for each latent cell that the way down leaves for the way up."""
    handed = sum(
        (config.num_res_blocks * width + above / 4) / 4**level
        for level, (width, above) in enumerate(_with_width_above(config))
    )
    return float(config.model_channels + handed)


def _with_width_above(config: UNetConfig) -> list[tuple[int, int]]:
    """Each level's width, and that of the halved map it hands on; the last hands on none."""
    last = (config.widths[-1], 0)
    return [*((width, width) for width, _ in pairwise(config.widths)), last]


def _denoising_levels(config: UNetConfig) -> Iterator[float]:
    inner = (*config.widths[1:], config.widths[-1])
    for level, (width, below) in enumerate(zip(config.widths, inner, strict=True)):
        joined = below + width
        yield (4 * joined + 2 * width + below) / 4**level
        if config.attends(level) and config.context_dim:
            yield 26 * width / 4**level  # the gated map, four times as wide, twice, and its parts


def learning_floats(config: UNetConfig) -> int:
    """Numbers for each latent cell that one example leaves for the way back."""
    blocks, found = 2 * config.num_res_blocks + 1, 0.0
    for level, width in enumerate(config.widths):
        reads = config.attends(level) and config.context_dim
        found += (OF_BLOCK + (OF_TRANSFORMER if reads else 0)) * blocks * width / 4**level
    return int(found)


def attending_floats(config: UNetConfig) -> int:
    """The same in maps of attention, for each thousand squared cells (`ATTENDING_UNIT`)."""
    blocks = 2 * config.num_res_blocks + 1
    levels = [level for level in range(len(config.widths)) if config.attends(level)]
    maps = sum(config.heads(config.widths[level]) / 16**level for level in levels)
    return int(ATTENDING_UNIT * OF_MAP * blocks * maps)


def review_denoising(given: Inference) -> Iterator[Finding]:
    """Warn when one pass of the denoiser takes more than the machine has."""
    latent, unet = given.facts.get("latent", {}), given.facts.get("unet", {})
    window = window_of(given, latent)
    yield from _warn("latent", window, unet, passes(given) * _batch(latent), "cells")


def passes(given: Inference) -> int:
    """How often the denoiser sees each latent at once: twice with guidance."""
    return 1 if given.settings["guidance"] in (None, 1) else 2


def review_decoding(given: Inference) -> Iterator[Finding]:
    """Warn when decoding takes more than the machine has."""
    latent, stage = given.facts.get("latent", {}), given.facts.get("autoencoder", {})
    factor = stage.get("f")
    pixels = factor * factor if isinstance(factor, int) else 0
    at_once = min(_batch(latent), DECODED_AT_ONCE)
    yield from _warn("latent", window_of(given, latent, factor), stage, pixels * at_once, "cells")


def window_of(given: Inference, latent: Facts, factor: object = None) -> Facts:
    """The latent (or picture), or the largest part of it that is worked on at a time."""
    size, tile = size_of(latent), given.settings.get("tile")
    if not size or not tile:
        return latent
    cells = tile // factor if isinstance(factor, int) else tile
    return {**latent, "w": min(size[0], cells), "h": min(size[1], cells)}


def needed_bytes(weights: object, peak: object, places: int) -> int | None:
    """Bytes of the weights and of `peak` numbers for each place; None when not known."""
    if not isinstance(peak, int):
        return None
    return FLOAT * ((weights if isinstance(weights, int) else 0) + peak * places)


def _batch(latent: Facts) -> int:
    batch = latent.get("n")
    return batch if isinstance(batch, int) else 1


def _large(part: Facts) -> bool:
    weights = part.get("weights")
    return isinstance(weights, int) and weights >= LARGE


def _warn(port: str, latent: Facts, part: Facts, times: int, unit: str) -> Iterator[Finding]:
    size, there = size_of(latent), machine_bytes()
    if size is None or there is None:
        return
    needed = needed_bytes(part.get("weights"), part.get("peak"), size[0] * size[1] * times)
    if needed is not None and needed > there:
        # Numerics are the run's, which a check does not know; bfloat16 takes half of everything.
        fast = f" ({needed / 2e9:.1f} GB in fast numerics)" if _large(part) else ""
        yield Finding(
            f"this will take about {needed / 1e9:.1f} GB of memory{fast} for {by(size)} {unit} in "
            f"a batch of {_batch(latent)}, but the machine has {there / 1e9:.1f} GB",
            port=port,
            got=f"{needed / 1e9:.1f} GB",
            expected=f"at most {there / 1e9:.1f} GB",
            fixes=(Fix("use a smaller size or a smaller batch"),),
            severity="warning",
            code="memory",
        )
