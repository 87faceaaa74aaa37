"""Read tensors of a safetensors file into memory of their own, one after another.

A tensor is never a view of the file: one would change with whoever writes into it later, and a
file that shrinks would end the process. Each is read straight to its place and brought to the
wanted type before the next one, so that at no time a second copy of the whole is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import torch
from torch import Tensor

from nodes.checkpoints.header import CheckpointError, Header, TensorInfo
from nodes.checkpoints.source import KeyMap, Source

DTYPES = {
    "F8_E4M3": torch.float8_e4m3fn,
    "F8_E5M2": torch.float8_e5m2,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "F32": torch.float32,
    "F64": torch.float64,
}
"""Types in which weights may be stored."""


def read_tensors(
    path: Path,
    header: Header,
    sources: KeyMap,
    shapes: Mapping[str, tuple[int, ...]],
    device: torch.device | str,
    dtype: torch.dtype,
) -> dict[str, Tensor]:
    """Read the tensors of one network.

    Args:
        path: The file.
        header: Its header.
        sources: Where each tensor is stored.
        shapes: The shape each is wanted in; what is stored has as many numbers.
        device: Where to.
        dtype: The type wanted.

    Raises:
        CheckpointError: The file is shorter than its header says, or holds no floats there.
    """
    tensors = {}
    in_order = sorted(sources, key=lambda ours: header.tensors[sources[ours].name].begin)
    with path.open("rb", buffering=0) as file:
        for ours in in_order:
            source = sources[ours]
            stored = _stored(file, header, source)
            if source.transposed:
                stored = stored.transpose(-1, -2)
            tensors[ours] = stored.to(device, dtype).reshape(shapes[ours]).contiguous()
    return tensors


def _stored(file: BinaryIO, header: Header, source: Source) -> Tensor:
    """The wanted part of a stored tensor, as it is stored; parts lie one behind the other."""
    info = header.tensors[source.name]
    if info.dtype not in DTYPES:
        raise CheckpointError(f"tensor {source.name} has dtype {info.dtype}, not a float")
    whole = list(info.shape)
    if whole:
        whole[0] //= source.parts
    tensor = torch.empty(whole, dtype=DTYPES[info.dtype])
    file.seek(header.data_start + info.begin + source.part * tensor.nbytes)
    _fill(file, tensor, source.name)
    return tensor


def _fill(file: BinaryIO, tensor: Tensor, name: str) -> None:
    if not tensor.numel():
        return
    room = tensor.view(-1).view(torch.uint8).numpy().data
    while room:
        count = file.readinto(room)  # type: ignore[attr-defined]
        if not count:
            raise CheckpointError(f"the file ends inside tensor {name}; get it again")
        room = room[count:]


def total_bytes(header: Header, sources: KeyMap) -> int:
    """Bytes that the stored tensors of one network take in the file."""
    infos: dict[str, TensorInfo] = {s.name: header.tensors[s.name] for s in sources.values()}
    return sum(info.nbytes for info in infos.values())
