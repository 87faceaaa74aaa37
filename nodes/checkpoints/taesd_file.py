"""Load the halves of the tiny autoencoder from their files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import torch
from torch import nn

from nodes.checkpoints.detection.taesd import taesd_config
from nodes.checkpoints.files import ModelFiles
from nodes.checkpoints.header import CheckpointError, read_header
from nodes.checkpoints.layouts.taesd import Half, taesd_shapes
from nodes.checkpoints.reading import read_tensors
from nodes.ldm.taesd import TinyDecoder, TinyEncoder
from nodes.ldm.taesd_config import TaesdConfig

NetworkT = TypeVar("NetworkT", bound=nn.Module)
Device = torch.device | str


def load_tiny_decoder(path: Path, device: Device = "cpu") -> TinyDecoder:
    """Load what turns latents into previews, in float32.

    Raises:
        CheckpointError: The file is no TAESD, or holds its encoder only.
    """
    return _load(path, "decoder", TinyDecoder, device)


def load_tiny_encoder(path: Path, device: Device = "cpu") -> TinyEncoder:
    """Load what turns pictures into latents quickly, in float32.

    Raises:
        CheckpointError: The file is no TAESD, or holds its decoder only.
    """
    return _load(path, "encoder", TinyEncoder, device)


def _load(
    path: Path, half: Half, build: Callable[[TaesdConfig], NetworkT], device: Device
) -> NetworkT:
    header = read_header(path)
    try:
        found = taesd_config(header)
        if half not in found.maps:
            raise ValueError(f"it holds TAESD's {', '.join(found.maps)} but no {half}")
        shapes = taesd_shapes(found.config, half)
        tensors = read_tensors(
            ModelFiles(path), header, found.maps[half], shapes, device, torch.float32
        )
    except (ValueError, OSError) as error:
        raise CheckpointError(f"{path.name}: {error}") from error
    with torch.device("meta"):  # shapes only: the file's tensors take their place
        network = build(found.config)
    network.load_state_dict(tensors, assign=True)
    return network.eval()
