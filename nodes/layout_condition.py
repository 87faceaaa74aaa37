"""LayoutCondition: objects and their boxes in place of words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from engine.node import Context, Facts, Finding, Fix, Inference, Of, Text, node
from nodes.ldm.boxes import FORM, box_fault, box_tokens, read_boxes
from nodes.sizes import whole
from nodes.values import Conditioning, TextEncoder


def _infer(given: Inference) -> Mapping[str, Facts]:
    return {"conditioning": {"n": 1, "vector": "none"}}


def _review(given: Inference) -> Iterator[Finding]:
    facts, layout = given.facts.get("text_encoder", {}), given.settings["layout"]
    if facts and "boxes" not in facts:
        yield Finding(
            "this model is not told boxes",
            port="text_encoder",
            got="another model",
            expected="a model of layouts (Latent Diffusion, layout to image)",
            fixes=(Fix("use CrossAttnCondition or ClassCondition instead"),),
            code="boxes-not-read",
        )
        return
    fault = _fault(str(layout), facts) if layout is not None else ""
    if fault:
        yield Finding(
            fault,
            port="layout",
            got="what cannot be read",
            expected=f"on each line {FORM}",
            fixes=(Fix("write it so"),),
            code="layout-unreadable",
        )


def _fault(layout: str, facts: Facts) -> str:
    vocabulary, length = whole(facts, "vocabulary"), whole(facts, "boxes")
    try:
        boxes = read_boxes(layout)
    except ValueError as error:
        return str(error)
    return box_fault(boxes, vocabulary, length) if vocabulary and length else ""


@node("LayoutCondition", version=1, category="latent diffusion", infer=_infer, review=_review)
def layout_condition(
    text_encoder: Annotated[TextEncoder, Of(width="d")],
    ctx: Context,
    layout: Annotated[str, Text(multiline=True)] = "",
) -> Annotated[Conditioning, Of(width="d")]:
    """Turn objects and their boxes into tokens for cross-attention  (Rombach et al. 2022, 4.3.2).

    Args:
        text_encoder: The transformer of a model of layouts.
        layout: One object on each line: its category, a number in the list of what the model was
            trained on, and the sides left, top, right, bottom as parts of the picture in 0..1.
    """
    import torch

    from nodes.runtime import computing, open_box_encoder

    network = open_box_encoder(ctx, text_encoder)
    config = network.config
    tokens = box_tokens(read_boxes(layout), config.vocab_size, config.max_tokens)
    with computing(ctx):
        context = network(torch.tensor([tokens], device=network.token_emb.weight.device))
    return Conditioning(context.float().cpu())
