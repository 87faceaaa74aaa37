"""Add a LoRA to weights: W' = W + s (alpha / r) B A  (Hu et al. 2021, arXiv:2106.09685, Sec. 4.1).

The weights given are never written to; what comes back are new tensors for those that change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from nodes.checkpoints.header import CheckpointError, Header, read_header
from nodes.checkpoints.layouts.shapes import Shape
from nodes.checkpoints.lora.form import Target, read_targets
from nodes.checkpoints.lora.names import Part, part_of
from nodes.checkpoints.lora.scale import Scales, read_scales

_SHOWN = 3
Read = Callable[[str], Tensor]


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
        if strength == 0:
            return {}
        with safe_open(path, framework="pt") as file:
            return {
                ours: _changed(weights[ours], target, file.get_tensor, scales, strength)
                for ours, target in targets.items()
            }
    except (ValueError, SafetensorError) as error:
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


def _changed(weight: Tensor, target: Target, read: Read, scales: Scales, strength: float) -> Tensor:
    """W + s (alpha / r) B A, summed in float32 whatever the types are."""
    alpha = None if target.alpha is None else float(read(target.alpha))
    factor = strength * scales.of(target, alpha)
    device = weight.device
    delta = _product(target, lambda name: read(name).to(device, torch.float32))
    total = weight.float().add(delta.reshape(weight.shape), alpha=factor)
    return torch.empty_like(weight).copy_(total)  # keeps the order in memory, too


def _product(target: Target, read: Read) -> Tensor:
    """B A; of a convolution B maps channels, and A or the tensor between has the kernel."""
    up, down = read(target.up).flatten(1), read(target.down)
    if target.mid is None:
        return torch.einsum("or,r...->o...", up, down)
    return torch.einsum("or,rskl,si->oikl", up, read(target.mid), down.flatten(1))


def _without_ones(shape: Shape) -> Shape:
    return tuple(length for length in shape if length != 1)
