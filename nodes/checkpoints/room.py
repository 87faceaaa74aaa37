"""One stretch of memory for all tensors of a network.

Asked for at once, the system can give it in large pages: filling it takes half the time, and
reading weights from it misses the processor's page table less often.
"""

from __future__ import annotations

import math
import mmap

import torch
from torch import Tensor

ALIGNMENT = 64
"""Bytes; what vector instructions load at a time."""


class Room:
    """Memory from which tensors are cut, one behind the other; it lives as long as any of them."""

    def __init__(self, nbytes: int) -> None:
        self._memory = mmap.mmap(-1, max(1, nbytes))
        if hasattr(mmap, "MADV_HUGEPAGE"):
            self._memory.madvise(mmap.MADV_HUGEPAGE)
        self._used = 0

    @staticmethod
    def needed(shape: tuple[int, ...], dtype: torch.dtype) -> int:
        """Bytes that a tensor takes."""
        return -(-math.prod(shape) * dtype.itemsize // ALIGNMENT) * ALIGNMENT

    def cut(self, shape: tuple[int, ...], dtype: torch.dtype, *, channels_last: bool) -> Tensor:
        """Take a tensor; kernels of convolutions, O C h w, lie with C last where wanted."""
        count = math.prod(shape)
        if not count:
            return torch.empty(shape, dtype=dtype)
        flat = torch.frombuffer(self._memory, dtype=dtype, count=count, offset=self._used)
        self._used += self.needed(shape, dtype)
        if channels_last and len(shape) == 4:
            out, channels, height, width = shape
            return flat.view(out, height, width, channels).permute(0, 3, 1, 2)
        return flat.view(shape)
