"""The config of a UNet from the shapes of its tensors; heads alone are not in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from nodes.checkpoints.detection.tensors import Tensors
from nodes.checkpoints.layouts.shapes import Shape
from nodes.checkpoints.layouts.unet import unet_shapes
from nodes.ldm.config import UNetConfig

MARKER = "input_blocks.0.0.weight"
_MOST_BLOCKS = 8


@dataclass(frozen=True)
class Heads:
    """How attention is divided, which no shape tells: a number of heads, or their width."""

    count: int | None = None
    channels: int | None = None


@dataclass(frozen=True)
class _Place:
    """One block of the way down."""

    width: int
    attends: bool
    depth: int
    context_only: bool


def unet_config(
    tensors: Tensors,
    heads: Heads,
    expected: Callable[[UNetConfig], Mapping[str, Shape]] = unet_shapes,
) -> UNetConfig:
    """Read the config off the shapes.

    Args:
        tensors: Those of the UNet, without prefix.
        heads: How attention is divided.
        expected: The tensors that must be there.

    Raises:
        ValueError: The shapes are not those of any UNet of this kind.
    """
    total = tensors.count("input_blocks.#.")
    faults = ["its blocks follow no known plan"]
    for res_blocks in _candidates(tensors, total):
        try:
            config = _config(tensors, res_blocks, heads)
        except ValueError as error:
            faults.append(str(error))
            continue
        if expected(config).keys() <= tensors.keys():
            return config
    raise ValueError(f"this is no UNet that is known here: {faults[-1]}")


def _candidates(tensors: Tensors, total: int) -> Iterator[int]:
    """Residual blocks on a level; each level but the last ends in one more block that halves."""
    halving = sorted(tensors.numbers("input_blocks.#.0.op.weight"))
    if halving:
        yield halving[0] - 1
        return
    # Halving by residual blocks looks like any other block; two on a level is what all have.
    for res_blocks in (2, 1, *range(3, _MOST_BLOCKS)):
        if total % (res_blocks + 1) == 0:
            yield res_blocks


def _config(tensors: Tensors, res_blocks: int, heads: Heads) -> UNetConfig:
    if res_blocks < 1:
        raise ValueError("its first level has no residual block")
    model_channels = tensors.size(MARKER, 0)
    levels = list(_levels(tensors, res_blocks))
    return UNetConfig(
        in_channels=tensors.size(MARKER, 1),
        out_channels=tensors.size("out.2.weight", 0),
        model_channels=model_channels,
        num_res_blocks=res_blocks,
        attention_ds=tuple(2**i for i, place in enumerate(levels) if place.attends)[::-1],
        channel_mult=_multiples([place.width for place in levels], model_channels),
        num_heads=heads.count,
        num_head_channels=heads.channels,
        context_dim=_context(tensors),
        transformer_depth=_depth(tensors, levels),
        use_linear_projection=_is_linear(tensors),
        context_only=tuple(i for i, place in enumerate(levels) if place.context_only),
        num_classes=_classes(tensors),
        adm_in_channels=_vector(tensors),
        resblock_updown=not tensors.numbers("input_blocks.#.0.op.weight"),
        use_scale_shift_norm=_scales_and_shifts(tensors),
    )


def _levels(tensors: Tensors, res_blocks: int) -> Iterator[_Place]:
    total = tensors.count("input_blocks.#.")
    for first in range(1, total, res_blocks + 1):
        block = f"input_blocks.{first}"
        depth = tensors.count(f"{block}.1.transformer_blocks.#.")
        attends = bool(depth) or f"{block}.1.qkv.weight" in tensors
        width = tensors.size(f"{block}.0.out_layers.3.weight", 0)
        keys = tensors.get(f"{block}.1.transformer_blocks.0.attn1.to_k.weight", ())
        yield _Place(width, attends, depth, context_only=keys[1:] not in ((), (width,)))


def _depth(tensors: Tensors, levels: list[_Place]) -> int | tuple[int, ...]:
    """Depth of the transformers: one number where all that there are have the same."""
    # The middle block has the depth of the last level, even if that has no attention itself.
    middle = tensors.count("middle_block.1.transformer_blocks.#.")
    depths = (*(place.depth for place in levels[:-1]), middle)
    there = {depth for depth in depths if depth}
    return depths if len(there) > 1 else max(there, default=1)


def _multiples(widths: list[int], unit: int) -> tuple[int, ...]:
    if any(width % unit for width in widths):
        raise ValueError(f"its levels are {widths} channels wide, no multiples of {unit}")
    return tuple(width // unit for width in widths)


def _context(tensors: Tensors) -> int | None:
    name = "middle_block.1.transformer_blocks.0.attn2.to_k.weight"
    return tensors.size(name, 1) if name in tensors else None


def _is_linear(tensors: Tensors) -> bool:
    return len(tensors.get("middle_block.1.proj_in.weight", ())) == 2


def _classes(tensors: Tensors) -> int | None:
    return tensors.size("label_emb.weight", 0) if "label_emb.weight" in tensors else None


def _vector(tensors: Tensors) -> int | None:
    name = "label_emb.0.0.weight"
    return tensors.size(name, 1) if name in tensors else None


def _scales_and_shifts(tensors: Tensors) -> bool:
    width = tensors.size("input_blocks.1.0.out_layers.3.weight", 0)
    return tensors.size("input_blocks.1.0.emb_layers.1.weight", 0) == 2 * width
