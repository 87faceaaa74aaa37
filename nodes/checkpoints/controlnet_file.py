"""Load a ControlNet from its file."""

from __future__ import annotations

from pathlib import Path

import torch

from nodes.checkpoints.detection.controlnet import controlnet_config
from nodes.checkpoints.files import ModelFiles
from nodes.checkpoints.header import CheckpointError, read_header
from nodes.checkpoints.layouts.controlnet import controlnet_shapes
from nodes.checkpoints.reading import read_tensors
from nodes.ldm.controlnet import ControlNet


def load_controlnet(
    path: Path, device: torch.device | str = "cpu", dtype: torch.dtype = torch.float32
) -> ControlNet:
    """Load a ControlNet, in the layout of the published files or of diffusers.

    Raises:
        CheckpointError: The file is no ControlNet, or its tensors are not exactly those of one.
    """
    header = read_header(path)
    try:
        config, names = controlnet_config(header)
        tensors = read_tensors(
            ModelFiles(path), header, names, controlnet_shapes(config), device, dtype
        )
    except (ValueError, OSError) as error:
        raise CheckpointError(f"{path.name}: {error}") from error
    with torch.device("meta"):  # shapes only: the file's tensors take their place
        network = ControlNet(config)
    network.load_state_dict(tensors, assign=True)
    return network.eval()
