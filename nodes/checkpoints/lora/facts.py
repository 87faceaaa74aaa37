"""What a LoRA says about itself: the family it was made for, its form, its size."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from nodes.checkpoints.header import Header
from nodes.checkpoints.lora.form import Target, read_targets
from nodes.checkpoints.lora.names import UNDERSCORED, Part, part_of
from nodes.checkpoints.widths import family_of_width

_CONTEXT_ENDS = ("attn2_to_k", "attn2_to_v", "attn2.to_k", "attn2.to_v",
                 "attn2.processor.to_k", "attn2.processor.to_v")  # fmt: skip
_QUERY_ENDS = ("self_attn_q_proj", "self_attn.q_proj")
_UNDERSCORED = tuple(begin for begins in UNDERSCORED.values() for begin in begins)
_ONLY_TEXT = "lora_te_"  # of a model with one text encoder; with two it is lora_te1_


@dataclass(frozen=True)
class LoraFacts:
    """What the header of a LoRA file tells.

    Attributes:
        width: Width of the context its denoiser reads; None where nothing shows it.
        unet: Weights of a denoiser it changes.
        text: Weights of text encoders it changes.
        ranks: Smallest and largest rank.
        form: Who names tensors so.
        unet_numbers: Numbers in those weights of a denoiser.
        text_numbers: Numbers in those of text encoders.
    """

    width: int | None
    unet: int
    text: int
    ranks: tuple[int, int]
    form: str
    unet_numbers: int
    text_numbers: int

    @property
    def family(self) -> str:
        """The family it was made for, in words."""
        if self.width is None:
            return "a model that it does not show"
        return family_of_width(self.width)


def lora_facts(header: Header) -> LoraFacts:
    """Read what a LoRA is made for off its header.

    Raises:
        ValueError: It is no LoRA, or of two families at once.
    """
    targets = read_targets(header)
    text = sum(part_of(stem) != "unet" for stem in targets)
    sizes = {stem: math.prod(target.shape) for stem, target in targets.items()}
    numbers = sum(size for stem, size in sizes.items() if part_of(stem) == "unet")
    ranks = [target.rank for target in targets.values()]
    return LoraFacts(
        width=_width(targets),
        unet=len(targets) - text,
        text=text,
        ranks=(min(ranks), max(ranks)),
        unet_numbers=numbers,
        text_numbers=sum(sizes.values()) - numbers,
        form="kohya-ss" if any(stem.startswith(_UNDERSCORED) for stem in targets) else "diffusers",
    )


def _width(targets: Mapping[str, Target]) -> int | None:
    widths = {t.shape[1] for stem, t in targets.items() if stem.endswith(_CONTEXT_ENDS)}
    if len(widths) > 1:
        raise ValueError(f"it is made for contexts of several widths at once: {sorted(widths)}")
    return widths.pop() if widths else _text_width(targets)


def _text_width(targets: Mapping[str, Target]) -> int | None:
    """Width of all text encoders side by side, where their names tell how many there are."""
    first, second = _query_width(targets, "text"), _query_width(targets, "text_2")
    if second:
        return first + second if first else None
    alone = any(stem.startswith(_ONLY_TEXT) for stem in targets)
    return first if alone else None


def _query_width(targets: Mapping[str, Target], part: Part) -> int | None:
    widths = (
        target.shape[1]
        for stem, target in targets.items()
        if part_of(stem) == part and stem.endswith(_QUERY_ENDS)
    )
    return next(widths, None)
