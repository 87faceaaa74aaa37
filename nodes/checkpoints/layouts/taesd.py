"""Every tensor of the tiny autoencoder's halves, and where each kind of file keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from nodes.checkpoints.layouts.shapes import Named, Shape, below, conv
from nodes.checkpoints.source import KeyMap, Source
from nodes.ldm.taesd_config import DECODER_BLOCKS, ENCODER_BLOCKS, TaesdConfig

Half = Literal["encoder", "decoder"]


def taesd_shapes(config: TaesdConfig, half: Half) -> dict[str, Shape]:
    """Names and shapes of one half, as `nodes.ldm.taesd` and its own file have them."""
    layers = _encoder(config) if half == "encoder" else _decoder(config)
    return {
        name: shape
        for place, layer in enumerate(layers)
        for name, shape in below(str(place), layer)
    }


def diffusers_taesd_map(config: TaesdConfig, half: Half) -> KeyMap:
    """Where `AutoencoderTiny` keeps a half: its decoder does not count the clamp."""
    skipped = 1 if half == "decoder" else 0
    places = {}
    for name in taesd_shapes(config, half):
        number, _, rest = name.partition(".")
        places[name] = Source(f"{half}.layers.{int(number) - skipped}.{rest}")
    return places


def _encoder(config: TaesdConfig) -> Iterator[Named]:
    width = config.width
    for level, blocks in enumerate(ENCODER_BLOCKS):
        yield conv(3, width, 3, 3) if level == 0 else _plain(width)
        yield from (_block(width) for _ in range(blocks))
    yield conv(width, config.latent_channels, 3, 3)


def _decoder(config: TaesdConfig) -> Iterator[Named]:
    width, last = config.width, len(DECODER_BLOCKS) - 1
    yield from (_nothing(), conv(config.latent_channels, width, 3, 3), _nothing())
    for level, blocks in enumerate(DECODER_BLOCKS):
        yield from (_block(width) for _ in range(blocks))
        if level != last:
            yield from (_nothing(), _plain(width))
    yield conv(width, 3, 3, 3)


def _block(width: int) -> Named:
    for i in (0, 2, 4):
        yield from below(f"conv.{i}", conv(width, width, 3, 3))


def _plain(width: int) -> Named:
    yield "weight", (width, width, 3, 3)


def _nothing() -> Named:
    return iter(())
