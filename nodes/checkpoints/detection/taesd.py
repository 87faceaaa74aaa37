"""Which halves of the tiny autoencoder a file holds, and in which layout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from nodes.checkpoints.detection.fitting import check_fit
from nodes.checkpoints.header import Header
from nodes.checkpoints.layouts.shapes import Shape
from nodes.checkpoints.layouts.taesd import Half, diffusers_taesd_map, taesd_shapes
from nodes.checkpoints.source import KeyMap, same_names
from nodes.ldm.taesd_config import TaesdConfig

FIRST: dict[Half, str] = {"encoder": "0.weight", "decoder": "1.weight"}
PREFIXES: dict[Half, tuple[str, ...]] = {
    "encoder": ("taesd_encoder.", "encoder.", ""),
    "decoder": ("taesd_decoder.", "decoder.", ""),
}
_DIFFUSERS: Mapping[Half, str] = {
    "encoder": "encoder.layers.0.weight",
    "decoder": "decoder.layers.0.weight",
}
_INNER = (3, 3)
_SHOWN = 3


@dataclass(frozen=True)
class TaesdFound:
    """What a file holds.

    Attributes:
        config: Its shape.
        maps: Where the tensors of each half are that is there.
    """

    config: TaesdConfig
    maps: Mapping[Half, KeyMap]


def taesd_config(header: Header) -> TaesdFound:
    """Recognise the tiny autoencoder: one half of it, as it is published, or both.

    Args:
        header: Of the file.

    Raises:
        ValueError: It is something else, or has tensors that are none of its.
    """
    shapes = {name: info.shape for name, info in header.tensors.items()}
    found = {half: place for half in get_args(Half) if (place := _place(half, shapes))}
    if not found:
        first = ", ".join(sorted(shapes)[:_SHOWN]) or "no tensor at all"
        raise ValueError(f"no TAESD: looked for 0.weight or 1.weight as it has, found {first}")
    config = _config(found, shapes)
    maps = {half: _names(config, half, place) for half, place in found.items()}
    for half, names in maps.items():
        check_fit(taesd_shapes(config, half), names, shapes)
    used = {source.name for names in maps.values() for source in names.values()}
    if strangers := sorted(shapes.keys() - used):
        shown = ", ".join(strangers[:_SHOWN])
        raise ValueError(f"{len(strangers)} tensors are none of TAESD, first {shown}")
    return TaesdFound(config, maps)


def _place(half: Half, shapes: Mapping[str, Shape]) -> str | None:
    """The name of a half's first convolution; pictures or latents go in there."""
    candidates = (_DIFFUSERS[half], *(prefix + FIRST[half] for prefix in PREFIXES[half]))
    for name in candidates:
        shape = shapes.get(name, ())
        if shape[2:] == _INNER and (half == "decoder" or shape[1] == 3):
            return name
    return None


def _config(found: Mapping[Half, str], shapes: Mapping[str, Shape]) -> TaesdConfig:
    if "decoder" in found:
        width, channels = shapes[found["decoder"]][:2]
        return TaesdConfig(width=width, latent_channels=channels)
    width = shapes[found["encoder"]][0]
    last = {name: shape for name, shape in shapes.items() if shape[1:] == (width, *_INNER)}
    channels = min((shape[0] for shape in last.values()), default=width)
    return TaesdConfig(width=width, latent_channels=channels)


def _names(config: TaesdConfig, half: Half, place: str) -> KeyMap:
    if place == _DIFFUSERS[half]:
        return diffusers_taesd_map(config, half)
    return same_names(taesd_shapes(config, half), place.removesuffix(FIRST[half]))
