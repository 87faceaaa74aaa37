"""What a person wants to know of a model file before using it: `python main.py --inspect FILE`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from engine.node import Told
from nodes.checkpoints.files import ModelFiles
from nodes.checkpoints.header import CheckpointError, Header
from nodes.checkpoints.recognition import OURS, belonging, part_size, read_checkpoint

_SHOWN = 5
_LONGEST = 1000
_ASKED_FIRST = ("steps", "batch", "accumulate", "lr", "prediction", "loss", "examples", "seed")


def tell_model(path: Path) -> Iterator[Told]:
    """Tell what a model file holds and how that is known; reads its header only.

    Raises:
        ValueError: It is no model file, with what it is instead.
    """
    try:
        header, checkpoint = read_checkpoint(path)
    except CheckpointError as error:
        raise ValueError(str(error)) from error
    made = "its own description" if checkpoint.family == OURS else "names and shapes"
    files = ModelFiles(path)
    size = sum(files.place(name).stat().st_size for name in ("", *belonging(path)))
    yield Told("file", f"{files.name}, {size / 1e6:,.1f} MB")
    for part in checkpoint.config.parts:
        millions = part_size(header, checkpoint.maps[part]) / 1e6
        yield Told(part, f"{millions:,.2f} M parameters, {_shape(checkpoint.config, part)}", made)
    yield Told("stored as", _types(header))
    for note in checkpoint.notes:
        yield Told(note.fact, note.value, note.source)
    if checkpoint.config.training:
        yield Told("trained with", _recipe(checkpoint.config.training), "the file")
    if unused := checkpoint.unused:
        more = ", ..." if len(unused) > _SHOWN else ""
        names = ", ".join(unused[:_SHOWN]) + more
        yield Told("not used", f"{len(unused)} tensors: {names}", "no network here has them")


def _shape(config: object, part: str) -> str:
    """The fields of a network's config that are not their defaults."""
    found = getattr(config, part)
    default = type(found).__dataclass_fields__
    words = [
        f"{name} {_plain(value)}"
        for name in default
        if (value := getattr(found, name)) != default[name].default and name != "words"
    ]
    return ", ".join(words) or "as the defaults of its kind"


def _recipe(training: Mapping[str, Any]) -> str:
    """How it was made, as its header says: what comes first is what people ask first."""
    first = [name for name in _ASKED_FIRST if name in training]
    names = [*first, *sorted(training.keys() - set(first))]
    told = (f"{name} {json.dumps(training[name], ensure_ascii=False)}" for name in names)
    return ", ".join(told).replace('"', "")[:_LONGEST]


def _plain(value: object) -> str:
    return "-".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _types(header: Header) -> str:
    counts = Counter(info.dtype for info in header.tensors.values())
    return ", ".join(f"{dtype} ({count} tensors)" for dtype, count in counts.most_common())
