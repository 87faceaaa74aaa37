"""LayoutCondition: objects and their boxes in place of words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from engine.node import Context, Facts, Finding, Fix, Inference, Of, Text, node
from nodes.ldm.box_tokenizer import NAMED, BoxTokenizer
from nodes.ldm.boxes import FORM, box_fault, read_boxes
from nodes.sizes import whole
from nodes.values import Conditioning, TextEncoder


def _infer(given: Inference) -> Mapping[str, Facts]:
    return {"conditioning": {"n": 1, "vector": "none"}}


def _review(given: Inference) -> Iterator[Finding]:
    facts, layout = given.facts.get("text_encoder", {}), given.settings["layout"]
    if facts and not _told_boxes(facts):
        yield Finding(
            "this model is not told boxes",
            port="text_encoder",
            got="another model",
            expected="a model of layouts",
            fixes=(Fix("use CrossAttnCondition or ClassCondition instead"),),
            code="boxes-not-read",
        )
        return
    if layout is None or not _told_boxes(facts):
        return
    named = facts.get("grid") is not None
    if fault := (_named_fault if named else _numbered_fault)(str(layout), facts):
        yield Finding(
            fault,
            port="layout",
            got="what cannot be read",
            expected=f"on each line {NAMED if named else FORM}",
            fixes=(Fix(f"write {NAMED if named else FORM} on each line"),),
            code="layout-unreadable",
        )


def _told_boxes(facts: Facts) -> bool:
    """Whether a model reads layouts: of named classes, or of numbered ones as the paper's."""
    return bool(facts.keys() & {"grid", "boxes"})


def _named_fault(layout: str, facts: Facts) -> str:
    grid, most = whole(facts, "grid"), whole(facts, "max_tokens")
    if grid is None or most is None:
        return ""
    return (
        BoxTokenizer(tuple(str(facts["names"]).splitlines()), grid, most).unreadable(layout) or ""
    )


def _numbered_fault(layout: str, facts: Facts) -> str:
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
        layout: One object on each line: its class and the sides left, top, right, bottom as parts
            of the picture in 0..1, such as `red sphere 0.10 0.52 0.35 0.80`. The paper's own models
            number their classes. Empty is nothing in particular.
    """
    from nodes.ldm.prompt_reader import PromptSettings
    from nodes.runtime import computing, open_text_encoder

    reader = open_text_encoder(ctx, text_encoder)
    with computing(ctx):
        context, _ = reader.encode(layout, PromptSettings())
    return Conditioning(context.cpu())
