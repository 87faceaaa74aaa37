"""Read tensors of safetensors files into memory of their own, a piece at a time.

A tensor is never a view of the file: one would change with whoever writes into it later, and a
file that shrinks would end the process. A piece is brought to the wanted type while it is in the
processor's cache, so that at no time a second copy of more than one tensor is there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import BinaryIO, cast

import torch
from torch import Tensor

from nodes.checkpoints.files import ModelFiles
from nodes.checkpoints.gather import gathered
from nodes.checkpoints.header import CheckpointError, Header, TensorInfo
from nodes.checkpoints.room import Room
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
PIECE = 2**15
"""Numbers that are read at a time: torch converts so many without waking its other threads."""
AT_ONCE = 4
"""Threads that read, at most."""


def read_tensors(
    files: ModelFiles,
    header: Header,
    sources: KeyMap,
    shapes: Mapping[str, tuple[int, ...]],
    device: torch.device | str,
    dtype: torch.dtype,
    *,
    channels_last: bool = False,
) -> dict[str, Tensor]:
    """Read the tensors of one network.

    Args:
        files: Where the model is.
        header: Its header, or those of all its files.
        sources: Where each tensor is stored; what is stored fits, see `check_fit`.
        shapes: The shape each is wanted in.
        device: Where to.
        dtype: The type wanted.
        channels_last: Lay the kernels of convolutions out with their channels last.

    Raises:
        CheckpointError: A file is shorter than its header says, or holds no floats there.
    """

    def place(ours: str) -> tuple[str, int]:
        info = header.tensors[sources[ours].name]
        return info.file, info.begin

    def read(names: Sequence[str]) -> None:
        with ExitStack() as stack:
            stored = _Stored(files, header, stack)
            for ours in names:
                stored.bring(sources[ours], tensors[ours])

    room = Room(sum(Room.needed(shapes[ours], dtype) for ours in sources))
    ordered = sorted(sources, key=place)
    tensors = {ours: room.cut(shapes[ours], dtype, channels_last=channels_last) for ours in ordered}
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for done in [threads.submit(read, names) for names in _shares(ordered, shapes)]:
            done.result()
    return {ours: tensor.to(device) for ours, tensor in tensors.items()}


def _shares(names: Sequence[str], shapes: Mapping[str, tuple[int, ...]]) -> Iterator[list[str]]:
    """Divide names, in their order, among as many threads as there are cores."""
    workers = min(AT_ONCE, os.cpu_count() or 1)
    total = sum(torch.Size(shapes[name]).numel() for name in names)
    share: list[str] = []
    taken = 0
    for name in names:
        share.append(name)
        taken += torch.Size(shapes[name]).numel()
        if taken * workers >= total:
            yield share
            share, taken = [], 0
    yield share


class _Stored:
    """Reads stored tensors; the last one is kept, as its parts are asked for one after another."""

    def __init__(self, files: ModelFiles, header: Header, stack: ExitStack) -> None:
        self._files, self._header, self._stack = files, header, stack
        self._open: dict[str, BinaryIO] = {}
        self._last: tuple[str, Tensor] | None = None

    def bring(self, source: Source, into: Tensor) -> None:
        """Read one tensor of ours to its place."""
        info = self._info(source.name)
        if source.transposed or source.joined or not into.numel() or not info.shape:
            into.copy_(gathered(source, tuple(into.shape), self._read))
            return
        file = self._file(info.file)
        begin = info.nbytes // source.parts * source.part
        file.seek(info.begin + begin)
        self._fill(file, info, into, source.name)

    def _fill(self, file: BinaryIO, info: TensorInfo, into: Tensor, name: str) -> None:
        """Read rows of the first axis, some at a time, through a piece of the stored type."""
        rows = max(1, PIECE // max(1, into[0].numel())) if into.ndim else 1
        target = into if into.ndim else into[None]
        piece = torch.empty(target[:rows].shape, dtype=DTYPES[info.dtype])
        for start in range(0, len(target), rows):
            part = target[start : start + rows]
            _read_into(file, piece[: len(part)], name)
            part.copy_(piece[: len(part)])

    def _read(self, name: str) -> Tensor:
        """The whole tensor as it is stored."""
        if self._last is None or self._last[0] != name:
            info = self._info(name)
            tensor = torch.empty(info.shape, dtype=DTYPES[info.dtype])
            file = self._file(info.file)
            file.seek(info.begin)
            _read_into(file, tensor, name)
            self._last = (name, tensor)
        return self._last[1]

    def _info(self, name: str) -> TensorInfo:
        info = self._header.tensors[name]
        if info.dtype not in DTYPES:
            raise CheckpointError(f"tensor {name} has dtype {info.dtype}, not a float")
        return info

    def _file(self, name: str) -> BinaryIO:
        if name not in self._open:
            file = self._files.place(name).open("rb", buffering=0)
            self._open[name] = cast("BinaryIO", self._stack.enter_context(file))
        return self._open[name]


def _read_into(file: BinaryIO, tensor: Tensor, name: str) -> None:
    if not tensor.numel():
        return
    room = tensor.view(-1).view(torch.uint8).numpy().data
    while room:
        count = file.readinto(room)  # type: ignore[attr-defined]
        if not count:
            raise CheckpointError(f"the file ends inside tensor {name}; get it again")
        room = room[count:]
