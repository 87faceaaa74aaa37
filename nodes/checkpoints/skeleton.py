"""A network without numbers: its shapes, before a file is known to fit them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

NetworkT = TypeVar("NetworkT", bound=nn.Module)
FILLING = frozenset(
    f"{name}_" for name in ("normal", "uniform", "kaiming_uniform", "fill", "zero", "zeros", "ones")
)
"""What layers fill themselves with when they are made."""


def skeleton(build: Callable[[], NetworkT]) -> NetworkT:
    """Build a network on the meta device: nothing is allocated and nothing is filled."""
    with torch.device("meta"), _Unfilled():
        return build()


class _Unfilled(TorchFunctionMode):
    """Passes over initial values: torch takes a second to load what fills nothing with normals."""

    def __torch_function__(  # type: ignore[no-untyped-def]  # the base class's own signature
        self, func, types: Sequence[type], args: Any = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        if getattr(func, "__name__", "") in FILLING:
            return (*args, *kwargs.values())[0]
        return func(*args, **kwargs)
