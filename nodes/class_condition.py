"""ClassCondition: one of the classes a denoiser was trained with, in place of words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from engine.node import Context, Edit, Facts, Finding, Fix, Inference, Of, Range, node
from nodes.values import Conditioning, TextEncoder

MOST = 1_000_000


def _infer(given: Inference) -> Mapping[str, Facts]:
    return {"conditioning": {"n": 1, "vector": "none"}}


def _review(given: Inference) -> Iterator[Finding]:
    facts, index = given.facts.get("text_encoder", {}), given.settings["index"]
    if facts and "classes" not in facts:
        yield Finding(
            "this model is told words, not classes",
            port="text_encoder",
            got="a text encoder",
            expected="a model with classes",
            fixes=(Fix("use CrossAttnCondition instead"),),
            code="words-not-classes",
        )
    classes = facts.get("classes")
    if isinstance(classes, int) and index is not None and index >= classes:
        yield Finding(
            f"there is no class {index}: the model has {classes}, counted from 0",
            port="index",
            got=str(index),
            expected=f"0..{classes - 1}",
            fixes=(Fix(f"set index to {classes - 1}", (Edit("", "index", classes - 1),)),),
            code="no-such-class",
        )


@node("ClassCondition", version=1, category="latent diffusion", infer=_infer, review=_review)
def class_condition(
    text_encoder: Annotated[TextEncoder, Of(width="d")],
    ctx: Context,
    index: Annotated[int, Range(ge=0, le=MOST)] = 0,
) -> Annotated[Conditioning, Of(width="d")]:
    """Turn a class into the one token that its denoiser reads  (Rombach et al. 2022, Sec. 4.3.2).

    Args:
        text_encoder: What a model of classes has in its place: a learnt token for each.
        index: The class, counted from 0. A model of ImageNet that was trained for guidance has a
            last one, 1000, for none.
    """
    import torch

    from nodes.runtime import computing, open_class_embedding

    network = open_class_embedding(ctx, text_encoder)
    classes = network.config.classes
    if index >= classes:
        raise ValueError(f"there is no class {index}: the model has {classes}, counted from 0")
    with computing(ctx):
        token = network(torch.tensor([index], device=network.embedding.weight.device))
    return Conditioning(token.float().cpu())
