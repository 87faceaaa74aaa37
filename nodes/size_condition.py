"""SizeCondition: what Stable Diffusion XL is told of sizes, beside the words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from engine.node import Fact, Facts, Finding, Fix, Inference, Of, Range, node
from nodes.values import Conditioning

MOST = 16384
EMBEDDED = 256
"""Width of the embedding of one number."""
NUMBERS, NUMBERS_WITH_SCORE = 6, 5
"""How many the base model is told, and the refiner: a score in place of the target size."""

Side = Annotated[int, Range(ge=1, le=MOST, step=64)]
Edge = Annotated[int, Range(ge=0, le=MOST, step=8)]


def _infer(given: Inference) -> Mapping[str, Facts]:
    facts = given.facts.get("cond", {})
    known: dict[str, Fact] = {}
    if "n" in facts:
        known["n"] = facts["n"]
    if isinstance(vector := facts.get("vector"), int):
        numbers = NUMBERS if given.settings.get("score") is None else NUMBERS_WITH_SCORE
        known["vector"] = vector + numbers * EMBEDDED
    return {"conditioning": known}


def _review(given: Inference) -> Iterator[Finding]:
    if given.facts.get("cond", {}).get("vector") == "none":
        yield Finding(
            "the text encoder gives no vector for the whole prompt, so there is nothing to add"
            " sizes to",
            port="cond",
            got="tokens alone",
            expected="the prompt of a model that is told sizes (Stable Diffusion XL)",
            fixes=(Fix("leave SizeCondition out"),),
            code="vector-missing",
        )


@node("SizeCondition", version=1, category="latent diffusion", infer=_infer, review=_review)
def size_condition(
    cond: Annotated[Conditioning, Of(width="d")],
    height: Side = 1024,
    width: Side = 1024,
    crop_top: Edge = 0,
    crop_left: Edge = 0,
    target_height: Edge = 0,
    target_width: Edge = 0,
    score: Annotated[float, Range(ge=0, le=10, step=0.5)] | None = None,
) -> Annotated[Conditioning, Of(width="d")]:
    """Tell the denoiser sizes: its vector becomes pooled text and six embedded numbers.

    Size, crop and target size of a training picture  (Podell et al. 2023, arXiv:2307.01952,
    Sec. 2.2, and 2.3 for the target). Prompt and negative prompt are told alike. The refiner is
    told five: size, crop and how well a picture scored.

    Args:
        cond: A prompt with the vector of its text.
        height: Pixels down that the picture is said to have had; small ones look blurred.
        width: Pixels across that it is said to have had.
        crop_top: Pixels cut off at the top; 0 keeps the object in the middle.
        crop_left: Pixels cut off at the left.
        target_height: Pixels down of the picture to make; 0 takes the height.
        target_width: Pixels across of the picture to make; 0 takes the width.
        score: For the refiner alone, how much people liked such pictures, 0..10, in place of the
            target: 6 is usual for the prompt and 2.5 for the negative prompt.
    """
    import torch

    from nodes.ldm.layers import timestep_embedding

    if cond.vector is None:
        raise ValueError("cond has no vector of the whole prompt; its model is not told sizes")
    last = (target_height or height, target_width or width) if score is None else (score,)
    numbers = torch.tensor([height, width, crop_top, crop_left, *last], dtype=torch.float32)
    sizes = timestep_embedding(numbers, EMBEDDED).flatten()  # 256 for each number
    rows = sizes.expand(len(cond.vector), -1)
    return Conditioning(cond.context, torch.cat([cond.vector, rows], dim=1))
