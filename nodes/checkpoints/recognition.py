"""What a model file holds, whoever made it: by its own description, or else by detection."""

from __future__ import annotations

import math
from pathlib import Path

from nodes.checkpoints.detection.checkpoint import Checkpoint, Note, detect
from nodes.checkpoints.files import ModelFiles
from nodes.checkpoints.folder import files_beside, read_folder
from nodes.checkpoints.header import CheckpointError, Header, read_header
from nodes.checkpoints.model_config import METADATA_KEY, PREFIXES, config_of
from nodes.checkpoints.source import KeyMap, Source

OURS = "Latentgraph"
VOCABULARY = "vocab.txt"
"""Words of the paper's own text models, which no model file holds."""


def read_checkpoint(model: Path | ModelFiles) -> tuple[Header, Checkpoint]:
    """Read the header of a model's file, or of all its files, and recognise what it holds.

    No tensor is read.

    Raises:
        CheckpointError: It is no model that can be used, with why and what to do.
    """
    files = ModelFiles.of(model)
    if files.path.suffix == ".json":
        try:
            return read_folder(files)
        except (ValueError, KeyError) as error:
            raise CheckpointError(_once(files.name, str(error))) from error
    header = read_header(files.path)
    return header, recognise(header, files.path)


def belonging(path: Path) -> list[str]:
    """Names of the files that belong to a chosen one, relative to its folder.

    Raises:
        CheckpointError: One that must be there is not.
    """
    if path.suffix == ".json":
        return files_beside(path)
    beside = path.with_name(VOCABULARY)
    reads = beside.is_file() and read_checkpoint(path)[1].config.bert
    return [VOCABULARY] if reads else []


def _once(name: str, said: str) -> str:
    return said if said.startswith(f"{name}: ") else f"{name}: {said}"


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
