"""Which parts of a network keep float32, whatever type its weights are held in.

They are small, what they say reaches every pixel, and their rounding would add up over a walk: the
embedding of the timestep with what each block takes from it, that of class or size, the codebook.
Statistics of normalisation and the softmax of attention are taken in float32 inside torch.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch

SINGLE = ("time_embed.", "label_emb.", "emb_layers.", "quantize.")
"""Parts of tensor names."""


def by_type(names: Iterable[str], dtype: torch.dtype) -> dict[torch.dtype, list[str]]:
    """Return which of a network's tensors to hold in which type, when it computes in `dtype`."""
    found: dict[torch.dtype, list[str]] = {}
    for name in names:
        single = any(part in name for part in SINGLE)
        held = torch.promote_types(dtype, torch.float32) if single else dtype
        found.setdefault(held, []).append(name)
    return found
