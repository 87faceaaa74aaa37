"""The tensors of a LoRA file, put together by the weight they change; its header is enough.

Tools write the same two matrices under many names. What differs is data: the ending tells a
tensor's role, what stands before it names the weight.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nodes.checkpoints.header import Header
from nodes.checkpoints.layouts.shapes import Shape

DOWN, UP, MID, ALPHA = "down", "up", "mid", "alpha"
ENDINGS: dict[str, str] = {
    ".lora_down.weight": DOWN,  # kohya-ss and LyCORIS
    ".lora_up.weight": UP,
    ".lora_mid.weight": MID,
    ".lora_A.weight": DOWN,  # peft, and diffusers since 0.22
    ".lora_B.weight": UP,
    ".lora_A.default.weight": DOWN,
    ".lora_B.default.weight": UP,
    ".lora.down.weight": DOWN,  # diffusers before
    ".lora.up.weight": UP,
    ".lora_linear_layer.down.weight": DOWN,
    ".lora_linear_layer.up.weight": UP,
    "_lora.down.weight": DOWN,  # diffusers' attention processors
    "_lora.up.weight": UP,
    ".alpha": ALPHA,
}
FOREIGN: dict[str, str] = {
    ".hada_": "a LoHa",
    ".lokr_": "a LoKr",
    ".dora_scale": "a DoRA",
    ".lora_magnitude_vector": "a DoRA",
    ".oft_": "an OFT",
    ".glora_": "a GLoRA",
    ".a1.weight": "a GLoRA",
    ".diff.": "a difference of whole weights",
    ".diff_b.": "a difference of whole weights",
    ".w_norm": "a LyCORIS file with normalisations",
    ".on_input": "an IA3",
}
IGNORED = ("bundle_emb.",)
"""Beginnings of what some files carry along: textual inversions that go with the LoRA."""


@dataclass(frozen=True)
class Target:
    """What a file adds to one weight; names of its tensors.

    Attributes:
        stem: What the file calls the weight.
        down: A: rank r by inputs, with the kernel of a convolution.
        up: B: outputs by rank r.
        mid: The kernel of a convolution that is factored in three, r by r.
        alpha: A scalar; None where it is the rank.
        rank: r.
        shape: Of the sum's second term: outputs, inputs, kernel.
    """

    stem: str
    down: str
    up: str
    mid: str | None
    alpha: str | None
    rank: int
    shape: Shape

    @property
    def names(self) -> tuple[str, ...]:
        """Its tensors."""
        given = (self.down, self.up, self.mid, self.alpha)
        return tuple(name for name in given if name is not None)


def read_targets(header: Header) -> Mapping[str, Target]:
    """Put the tensors of a LoRA file together, by stem.

    Raises:
        ValueError: The file holds something else, or a half of a pair, or shapes that do not
            multiply; the first tensor at fault is named.
    """
    stems: dict[str, dict[str, str]] = {}
    for name in header.tensors:
        if name.startswith(IGNORED):
            continue
        stem, role = _role(name)
        if role in stems.setdefault(stem, {}):
            raise ValueError(f"tensor {name!r} gives a second {role!r} for one weight")
        stems[stem][role] = name
    if not stems:
        raise ValueError("it holds no tensor of a LoRA")
    return {stem: _target(stem, roles, header) for stem, roles in stems.items()}


def _role(name: str) -> tuple[str, str]:
    for mark, kind in FOREIGN.items():
        if mark in f"{name}.":
            raise ValueError(
                f"tensor {name!r} is of {kind}, and plain LoRA and LoCon are what is read here;"
                " merge it into a model first"
            )
    for ending, role in ENDINGS.items():
        if name.endswith(ending):
            return name.removesuffix(ending), role
    raise ValueError(
        f"tensor {name!r} belongs to no LoRA that is known here: its name ends in none of"
        f" {', '.join(ENDINGS)}"
    )


def _target(stem: str, roles: Mapping[str, str], header: Header) -> Target:
    for needed in (DOWN, UP):
        if needed not in roles:
            there = next(iter(roles.values()))
            raise ValueError(f"tensor {there!r} has no {needed!r} beside it")
    down, up = (header.tensors[roles[role]].shape for role in (DOWN, UP))
    mid = header.tensors[roles[MID]].shape if MID in roles else None
    if not _multiply(down, up, mid):
        beside = "" if mid is None else f" with {list(mid)} between"
        raise ValueError(
            f"{stem!r}: {list(up)} by {list(down)}{beside} is no product of two factors"
        )
    kernel = down[2:] if mid is None else mid[2:]
    return Target(
        stem,
        roles[DOWN],
        roles[UP],
        roles.get(MID),
        roles.get(ALPHA),
        rank=down[0],
        shape=(up[0], down[1], *kernel),
    )


def _multiply(down: Shape, up: Shape, mid: Shape | None) -> bool:
    """Whether the factors have matching ranks, and a kernel in one place only."""
    if len(down) not in (2, 4) or len(up) not in (2, 4) or set(up[2:]) - {1}:
        return False
    if mid is None:
        return down[0] == up[1] > 0
    pointwise = not set(down[2:]) - {1}
    return len(mid) == 4 and pointwise and mid[0] == up[1] > 0 and mid[1] == down[0]
