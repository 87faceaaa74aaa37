"""Read the header of a safetensors file without its tensors, and without trusting it.

A file is 8 bytes of header length (little endian), the header as JSON, then the tensors' bytes. The
header gives each tensor's type, shape and place, so a model can be recognised and checked before
anything is loaded. The one invariant: a `Header` describes a file in which every tensor lies inside
the data, none overlap, and nothing is left over.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

MAX_HEADER_BYTES = 100_000_000  # the format's own limit
MAX_RANK = 16
ITEM_BYTES = {
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1,
    "U16": 2, "I16": 2, "F16": 2, "BF16": 2,
    "U32": 4, "I32": 4, "F32": 4,
    "U64": 8, "I64": 8, "F64": 8,
}  # fmt: skip
CONVERSION = (
    "a pickle can run code when it is opened, so convert it once, where you trust it: python -c"
    ' "import sys, torch, safetensors.torch as s;'
    " d = torch.load(sys.argv[1], weights_only=True, map_location='cpu');"
    " d = d.get('state_dict', d);"
    " s.save_file({n: t.contiguous() for n, t in d.items() if hasattr(t, 'shape')}, sys.argv[2])\""
    " old.ckpt new.safetensors"
)
"""What to do with a pickled checkpoint; `weights_only` refuses all but tensors."""
PICKLED = dict.fromkeys((".ckpt", ".pt", ".pth", ".bin", ".pkl"), CONVERSION)
"""The same, by the suffixes that pickles have."""
SIGNATURES = {
    b"PK\x03\x04": f"a zip archive, as pickled .ckpt and .pt checkpoints are; {CONVERSION}",
    b"\x80": f"a pickle; {CONVERSION}",
    b"GGUF": "a GGUF file; only .safetensors files are opened",
    b"\x89HDF": "an HDF5 file; only .safetensors files are opened",
    b"version ": "a Git LFS pointer, not the file itself; fetch it with `git lfs pull`",
    b"<": "a web page, not a model; download the file again",
}


class CheckpointError(ValueError):
    """A model file cannot be used; the message is one sentence that says why and what to do."""


class TensorInfo(NamedTuple):
    """Type (a key of `ITEM_BYTES`), shape and place of a stored tensor.

    Attributes:
        begin: Its first byte in its file.
        file: Name of its file, beside the chosen one; empty for the chosen one itself.
    """

    dtype: str
    shape: tuple[int, ...]
    begin: int = 0
    file: str = ""

    @property
    def nbytes(self) -> int:
        """Bytes it takes in the file."""
        return math.prod(self.shape) * ITEM_BYTES[self.dtype]


@dataclass(frozen=True)
class Header:
    """What a safetensors file holds: tensors by name, and free metadata."""

    tensors: Mapping[str, TensorInfo]
    metadata: Mapping[str, str]


def read_header(path: Path) -> Header:
    """Read and check the header of a safetensors file.

    Raises:
        CheckpointError: The file is missing, is no safetensors file, or contradicts itself.
    """
    try:
        if path.exists() and not path.is_file():  # opening a pipe would wait for ever
            raise CheckpointError("is no file; give a .safetensors file")
        with path.open("rb") as file:
            text, data_bytes = _read_text(file)
        return _parse(text, data_bytes)
    except OSError as error:
        raise CheckpointError(f"{path.name}: cannot be read ({error.strerror})") from error
    except CheckpointError as error:
        raise CheckpointError(f"{path.name}: {error}") from error


def _read_text(file: BinaryIO) -> tuple[bytes, int]:
    """Return the header's JSON and the number of bytes that follow it."""
    size = os.fstat(file.fileno()).st_size
    start = file.read(8)
    length = int.from_bytes(start, "little")
    room = min(size - 8, MAX_HEADER_BYTES)
    if len(start) < 8 or not 2 <= length <= room:
        raise CheckpointError(_not_safetensors(start, length, size))
    text = file.read(length)
    if len(text) < length or not text.startswith(b"{"):
        raise CheckpointError(_not_safetensors(start, length, size))
    return text, size - 8 - length


def _not_safetensors(start: bytes, length: int, size: int) -> str:
    for signature, kind in SIGNATURES.items():
        if start.startswith(signature):
            return f"not a safetensors file but {kind}"
    return (
        f"not a safetensors file, or cut short: it announces a header of {length} bytes and is"
        f" {size} bytes long; download it again or convert it to .safetensors"
    )


def _parse(text: bytes, data_bytes: int) -> Header:
    try:
        document = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f"its header is not valid JSON ({error})") from error
    metadata = document.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise CheckpointError("its __metadata__ is not a map from text to text")
    spans = {name: _span(name, entry) for name, entry in document.items()}
    _check_layout(spans, data_bytes)
    start = 8 + len(text)
    infos = {name: span.info._replace(begin=start + span.begin) for name, span in spans.items()}
    return Header(infos, metadata)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a name occurs twice")
    return document


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


class _Span(NamedTuple):
    info: TensorInfo
    begin: int
    end: int


def _span(name: str, entry: object) -> _Span:
    match entry:
        case {"dtype": str(dtype), "shape": list(shape), "data_offsets": [begin, end], **rest}:
            pass
        case _:
            raise CheckpointError(f"tensor {name!r} lacks a dtype, shape or data_offsets")
    if rest:
        raise CheckpointError(f"tensor {name!r} has the unknown field {next(iter(rest))!r}")
    if dtype not in ITEM_BYTES:
        raise CheckpointError(f"tensor {name!r} has the unknown dtype {dtype!r}")
    if len(shape) > MAX_RANK or not all(_is_count(n) for n in (*shape, begin, end)):
        raise CheckpointError(f"tensor {name!r} has a shape or offset that is no plain count")
    if math.prod(shape) * ITEM_BYTES[dtype] != end - begin:
        raise CheckpointError(f"tensor {name!r} has {end - begin} bytes, its shape needs others")
    return _Span(TensorInfo(dtype, tuple(shape)), begin, end)


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**63


def _check_layout(spans: Mapping[str, _Span], data_bytes: int) -> None:
    reached = 0
    for name, span in sorted(spans.items(), key=lambda item: item[1][1:]):
        if span.begin != reached:
            fault = (
                "overlaps the one before it" if span.begin < reached else "leaves a gap before it"
            )
            raise CheckpointError(f"tensor {name!r} {fault} at byte {reached} of the data")
        reached = span.end
    if reached != data_bytes:
        raise CheckpointError(
            f"its tensors take {reached} bytes, the file has {data_bytes} for them;"
            " it was cut short or changed, get it again"
        )
