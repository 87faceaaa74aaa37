"""Add a LoRA to weights: W' = W + s (alpha / r) B A  (Hu et al. 2021, arXiv:2106.09685, Sec. 4.1).

The weights given are never written to; what comes back are new tensors for those that change.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from nodes.checkpoints.files import ModelFiles
from nodes.checkpoints.header import CheckpointError, Header, read_header
from nodes.checkpoints.layouts.shapes import Shape
from nodes.checkpoints.lora.form import Target, read_targets
from nodes.checkpoints.lora.names import Part, part_of
from nodes.checkpoints.lora.scale import Scales, read_scales
from nodes.checkpoints.reading import read_tensors
from nodes.checkpoints.source import Source

_SHOWN = 3


def add_lora(
    weights: Mapping[str, Tensor],
    names: Mapping[str, str],
    part: Part,
    path: Path,
    strength: float,
) -> dict[str, Tensor]:
    """Add what a LoRA file holds for one network.

    Args:
        weights: The network's tensors by our name; not changed.
        names: What the file may call them (`nodes.checkpoints.lora.names`).
        part: Which network it is; what the file holds for others is passed over.
        path: The LoRA file.
        strength: s; at 0 nothing changes, below 0 the LoRA is taken away.

    Returns:
        New tensors for the weights that change, of the type and on the device of the old.

    Raises:
        CheckpointError: The file is no LoRA or is not for this network, which its header shows
            before any tensor is read.
    """
    header = read_header(path)
    try:
        targets = _matched(header, names, part, weights)
        scales = read_scales(header)
        changes = targets if strength else {}
        return {
            ours: _changed(
                weights[ours], t, _tensors(path, header, t, weights[ours]), scales, strength
            )
            for ours, t in changes.items()
        }
    except (ValueError, OSError) as error:
        raise CheckpointError(f"{path.name}: {error}") from error


def _matched(
    header: Header, names: Mapping[str, str], part: Part, weights: Mapping[str, Tensor]
) -> dict[str, Target]:
    """The targets in one network, by our name, each with the shape of the weight it changes."""
    targets = [t for stem, t in read_targets(header).items() if part_of(stem) == part]
    if strangers := sorted(t.down for t in targets if t.stem not in names):
        raise ValueError(
            f"{len(strangers)} of its {len(targets)} weights are none of this network's, first"
            f" {', '.join(strangers[:_SHOWN])}; take a LoRA of the model's family"
        )
    matched: dict[str, Target] = {}
    for target in targets:
        ours = names[target.stem]
        shape = tuple(weights[ours].shape)
        if _without_ones(target.shape) != _without_ones(shape):
            raise ValueError(
                f"tensor {target.down!r} is for a weight of shape {list(target.shape)}, but"
                f" {ours} has {list(shape)}; take a LoRA of the model's family"
            )
        if ours in matched:
            raise ValueError(f"{matched[ours].down!r} and {target.down!r} mean the same weight")
        matched[ours] = target
    return matched


def _tensors(path: Path, header: Header, target: Target, like: Tensor) -> dict[str, Tensor]:
    """The target's tensors in float32, by name, where the weight is."""
    shapes = {name: header.tensors[name].shape for name in target.names}
    sources = {name: Source(name) for name in target.names}
    return read_tensors(ModelFiles(path), header, sources, shapes, like.device, torch.float32)


def _changed(
    weight: Tensor, target: Target, tensors: Mapping[str, Tensor], scales: Scales, strength: float
) -> Tensor:
    """W + s (alpha / r) B A, summed in float32 whatever the types are."""
    alpha = None if target.alpha is None else float(tensors[target.alpha])
    factor = strength * scales.of(target, alpha)
    delta = _product(target, tensors).reshape(weight.shape)
    total = weight.float().add(delta, alpha=factor)
    return torch.empty_like(weight).copy_(total)  # keeps the order in memory, too


def _product(target: Target, tensors: Mapping[str, Tensor]) -> Tensor:
    """B A; of a convolution B maps channels, and A or the tensor between has the kernel."""
    up, down = tensors[target.up].flatten(1), tensors[target.down]
    if target.mid is None:
        return torch.einsum("or,r...->o...", up, down)
    return torch.einsum("or,rskl,si->oikl", up, tensors[target.mid], down.flatten(1))


def _without_ones(shape: Shape) -> Shape:
    return tuple(length for length in shape if length != 1)
