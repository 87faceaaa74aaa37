"""What a model file holds, whoever made it: by its own description, or else by detection."""

from __future__ import annotations

import math
from pathlib import Path

from nodes.checkpoints.detection.checkpoint import Checkpoint, Note, detect
from nodes.checkpoints.header import CheckpointError, Header, read_header
from nodes.checkpoints.model_config import METADATA_KEY, PREFIXES, config_of
from nodes.checkpoints.source import KeyMap, Source

OURS = "Latentgraph"


def read_checkpoint(path: Path) -> tuple[Header, Checkpoint]:
    """Read a file's header and recognise what it holds; no tensor is read.

    Raises:
        CheckpointError: It is no model file that can be used, with why and what to do.
    """
    header = read_header(path)
    return header, recognise(header, path)


def recognise(header: Header, path: Path) -> Checkpoint:
    """Recognise what a file holds by a header that was read from it.

    Raises:
        CheckpointError: As `read_checkpoint`.
    """
    if METADATA_KEY in header.metadata:
        return _described(header, path)
    try:
        return detect(header, path.name)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"{path.name}: {error}") from error


def part_size(header: Header, sources: KeyMap) -> int:
    """Count the numbers of one network."""
    return sum(
        math.prod(header.tensors[name].shape) // source.parts
        for source in sources.values()
        for name in source.names
    )


def _described(header: Header, path: Path) -> Checkpoint:
    """A file saved here: its networks are below our prefixes, under our names."""
    config = config_of(header, path)
    maps = {
        part: {
            name[len(PREFIXES[part]) :]: Source(name)
            for name in header.tensors
            if name.startswith(PREFIXES[part])
        }
        for part in config.parts
    }
    notes = (
        Note("title", config.title, "the file"),
        Note("license", config.license, "the file"),
    )
    return Checkpoint(config, maps, OURS, notes)
