"""Textual inversions: learnt vectors for a word of one's own  (Gal et al. 2022, arXiv:2208.01618).

Read in all forms that are in use as safetensors. The older `.pt` and `.bin` files are pickles,
which can run code when opened, and are refused. Loads without torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nodes.checkpoints.header import CheckpointError, Header, read_header

PAIR = ("clip_l", "clip_g")
"""Names of the vectors for the two text encoders of Stable Diffusion XL, in their order."""
MAX_VECTORS = 75
REMEDY = (
    'convert it once: python -c "import torch, safetensors.torch as s;'
    " s.save_file({'emb_params': torch.load('NAME.pt', weights_only=True)['string_to_param']['*']"
    ".detach()}, 'NAME.safetensors')\""
)


@dataclass(frozen=True)
class InversionFacts:
    """What the header of a textual inversion tells.

    Attributes:
        names: The tensors, one for each text encoder of the model, in their order.
        vectors: How many tokens the word becomes.
        widths: Width of the vectors for each text encoder.
    """

    names: tuple[str, ...]
    vectors: int
    widths: tuple[int, ...]


def inversion_facts(header: Header) -> InversionFacts:
    """Read what a textual inversion is off its header.

    Raises:
        ValueError: It is none.
    """
    shapes = {name: info.shape for name, info in header.tensors.items()}
    names = PAIR if set(shapes) == set(PAIR) else tuple(shapes)
    if len(names) not in (1, len(PAIR)) or (len(names) > 1 and names != PAIR):
        first = ", ".join(sorted(shapes)[:3]) or "no tensor at all"
        raise ValueError(
            f"no textual inversion: looked for one tensor, or {' and '.join(PAIR)}; found"
            f" {len(shapes)}, first {first}"
        )
    sizes = [(1, *shapes[name])[-2:] for name in names]
    counts = {size[0] for size in sizes}
    if any(len(shapes[name]) not in (1, 2) for name in names) or len(counts) > 1:
        raise ValueError(f"no textual inversion: its shapes are {[shapes[n] for n in names]}")
    vectors = counts.pop()
    if not 1 <= vectors <= MAX_VECTORS:
        raise ValueError(f"it has {vectors} vectors, expected 1..{MAX_VECTORS}")
    return InversionFacts(names, vectors, tuple(size[1] for size in sizes))


def read_inversion(path: Path) -> InversionFacts:
    """Read the facts of a file; no tensor is read.

    Raises:
        CheckpointError: It is no textual inversion, or a pickle, with how to convert it.
    """
    try:
        return inversion_facts(read_header(path))
    except CheckpointError as error:
        pickled = "pickle" in str(error)
        raise CheckpointError(f"{error}; {REMEDY}" if pickled else str(error)) from error
    except ValueError as error:
        raise CheckpointError(f"{path.name}: {error}") from error
