"""Read tensors of a safetensors file into memory of their own, one after another.

A tensor is never a view of the file: one would change with whoever writes into it later, and a
file that shrinks would end the process. Each is read into one room that all use in turn, and copied
from there in the wanted type, so that at no time a second copy of the whole is there. Reading right
into new memory takes several times longer: the kernel then makes its pages one by one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import ExitStack
from typing import BinaryIO, cast

import torch
from torch import Tensor

from nodes.checkpoints.files import ModelFiles
from nodes.checkpoints.gather import gathered
from nodes.checkpoints.header import CheckpointError, Header
from nodes.checkpoints.source import KeyMap

DTYPES = {
    "F8_E4M3": torch.float8_e4m3fn,
    "F8_E5M2": torch.float8_e5m2,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "F32": torch.float32,
    "F64": torch.float64,
}
"""Types in which weights may be stored."""
ALIGNED = 64
"""Tensors begin at multiples of so many numbers, as vector units like them."""


def read_tensors(
    files: ModelFiles,
    header: Header,
    sources: KeyMap,
    shapes: Mapping[str, tuple[int, ...]],
    device: torch.device | str,
    dtype: torch.dtype,
) -> dict[str, Tensor]:
    """Read the tensors of one network.

    Args:
        files: Where the model is.
        header: Its header, or those of all its files.
        sources: Where each tensor is stored; what is stored fits, see `check_fit`.
        shapes: The shape each is wanted in.
        device: Where to.
        dtype: The type wanted.

    Raises:
        CheckpointError: A file is shorter than its header says, or holds no floats there.
    """

    def place(ours: str) -> tuple[str, int]:
        info = header.tensors[sources[ours].name]
        return info.file, info.begin

    tensors = _laid_out(shapes, device, dtype)
    with ExitStack() as stack:
        stored = _Stored(files, header, stack)
        for ours in sorted(sources, key=place):
            source = sources[ours]
            tensor = gathered(source, shapes[ours], stored.kept if source.joined else stored.read)
            tensors[ours].copy_(tensor)
    return tensors


def _laid_out(
    shapes: Mapping[str, tuple[int, ...]], device: torch.device | str, dtype: torch.dtype
) -> dict[str, Tensor]:
    """Make all tensors of a network in one piece of memory, which is had faster than many."""
    lengths = {name: math.prod(shape) for name, shape in shapes.items()}
    places = {name: -(-length // ALIGNED) * ALIGNED for name, length in lengths.items()}
    whole = torch.empty(sum(places.values()), device=device, dtype=dtype)
    parts = torch.split(whole, list(places.values()))
    return {
        name: part[: lengths[name]].view(shapes[name])
        for name, part in zip(shapes, parts, strict=True)
    }


class _Stored:
    """Reads stored tensors one after another into the same room."""

    def __init__(self, files: ModelFiles, header: Header, stack: ExitStack) -> None:
        self._files, self._header, self._stack = files, header, stack
        self._open: dict[str, BinaryIO] = {}
        self._room = torch.empty(0, dtype=torch.uint8)
        self._last: tuple[str, Tensor] | None = None

    def read(self, name: str) -> Tensor:
        """The tensor as it is stored, until the next is read; its parts are asked for in turn."""
        if self._last is None or self._last[0] != name:
            self._last = (name, self._read(name))
        return self._last[1]

    def kept(self, name: str) -> Tensor:
        """The tensor as it is stored, in memory of its own."""
        return self.read(name).clone()

    def _read(self, name: str) -> Tensor:
        info = self._header.tensors[name]
        if info.dtype not in DTYPES:
            raise CheckpointError(f"tensor {name} has dtype {info.dtype}, not a float")
        if self._room.numel() < info.nbytes:
            self._room = torch.empty(info.nbytes, dtype=torch.uint8)
        room = self._room[: info.nbytes]
        file = self._file(info.file)
        file.seek(info.begin)
        _fill(file, room, name)
        return room.view(DTYPES[info.dtype]).reshape(info.shape)

    def _file(self, name: str) -> BinaryIO:
        if name not in self._open:
            file = self._files.place(name).open("rb", buffering=0)
            self._open[name] = cast("BinaryIO", self._stack.enter_context(file))
        return self._open[name]


def _fill(file: BinaryIO, octets: Tensor, name: str) -> None:
    room = octets.numpy().data
    while room:
        count = file.readinto(room)  # type: ignore[attr-defined]
        if not count:
            raise CheckpointError(f"the file ends inside tensor {name}; get it again")
        room = room[count:]
