"""Networks with LoRAs added: copies that share every weight no LoRA changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from torch import Tensor, nn

from nodes.checkpoints.header import CheckpointError
from nodes.checkpoints.lora.adding import add_lora
from nodes.checkpoints.lora.names import Part, text_names, unet_names
from nodes.ldm.patching import with_tensors
from nodes.ldm.prompt_reader import ClipReader, PromptReader
from nodes.ldm.unet import UNet

NetworkT = TypeVar("NetworkT", bound=nn.Module)
Patches = Sequence[tuple[Path, float]]
"""LoRA files with their strengths, in the order they are added."""
_TEXTS: tuple[Part, ...] = ("text", "text_2")


def patched_unet(unet: UNet, patches: Patches) -> UNet:
    """Return a denoiser with LoRAs added; the one given stays as it is.

    Raises:
        CheckpointError: A file is no LoRA, or not for this denoiser.
    """
    return _patched(unet, unet_names(unet.config), "unet", patches)


def patched_reader(reader: PromptReader, patches: Patches) -> PromptReader:
    """Return text encoders with LoRAs added; those given stay as they are.

    Raises:
        CheckpointError: A file is no LoRA, or not for these text encoders, or they are of a kind
            that LoRAs are not made for.
    """
    if not isinstance(reader, ClipReader):
        names = ", ".join(path.name for path, _ in patches)
        raise CheckpointError(
            f"{names}: LoRAs change CLIP text encoders, and this model has one of another kind;"
            " set the text strength to 0"
        )
    networks = tuple(
        _patched(network, text_names(network.config, part), part, patches)
        for part, network in zip(_TEXTS, reader.networks, strict=False)
    )
    return replace(reader, networks=networks)


def _patched(network: NetworkT, names: Mapping[str, str], part: Part, patches: Patches) -> NetworkT:
    weights, changed = network.state_dict(), dict[str, Tensor]()
    for path, strength in patches:
        changed |= add_lora({**weights, **changed}, names, part, path, strength)
    return with_tensors(network, changed)
