"""Load the vectors of a textual inversion from its file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from nodes.checkpoints.files import ModelFiles
from nodes.checkpoints.header import read_header
from nodes.checkpoints.reading import read_tensors
from nodes.checkpoints.source import Source
from nodes.checkpoints.textual_inversion import read_inversion


def load_vectors(path: Path, device: torch.device | str = "cpu") -> tuple[Tensor, ...]:
    """Load the vectors for each text encoder: n D, float32.

    Raises:
        CheckpointError: As `read_inversion`.
    """
    facts, header = read_inversion(path), read_header(path)
    shapes: Mapping[str, tuple[int, ...]] = {
        name: (facts.vectors, width) for name, width in zip(facts.names, facts.widths, strict=True)
    }
    sources = {name: Source(name) for name in facts.names}
    read = read_tensors(ModelFiles(path), header, sources, shapes, device, torch.float32)
    return tuple(read[name] for name in facts.names)
