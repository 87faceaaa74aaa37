"""LayoutCondition: named boxes as tokens, in place of words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from engine.node import Context, Facts, Finding, Fix, Inference, Of, Text, node
from nodes.ldm.box_tokenizer import TOKENS_EACH, BoxTokenizer
from nodes.values import Conditioning, TextEncoder


def _infer(given: Inference) -> Mapping[str, Facts]:
    return {"conditioning": {"n": 1, "vector": "none"}}


def _review(given: Inference) -> Iterator[Finding]:
    facts, layout = given.facts.get("text_encoder", {}), given.settings["layout"]
    grid = facts.get("grid")
    others = [name for name in ("classes", "words", "layers") if facts.get(name) is not None]
    if others and not grid:
        yield Finding(
            "this model is not told layouts",
            port="text_encoder",
            got="classes" if "classes" in others else "words",
            expected="a model of layouts",
            fixes=(Fix("use the condition that the model was taught"),),
            code="not-told-layouts",
        )
    most, names = facts.get("max_tokens"), facts.get("names")
    if layout is None or not isinstance(grid, int) or not isinstance(most, int):
        return
    tokenizer = BoxTokenizer(tuple(str(names).splitlines()), grid, most)
    if fault := tokenizer.unreadable(layout):
        yield Finding(
            fault,
            port="layout",
            got=layout,
            expected=f"at most {most // TOKENS_EACH} lines like: red sphere 0.10 0.52 0.35 0.80",
            fixes=(Fix("write each object as a class and left top right bottom"),),
            code="layout-unread",
        )


@node("LayoutCondition", version=1, category="latent diffusion", infer=_infer, review=_review)
def layout_condition(
    text_encoder: Annotated[TextEncoder, Of(width="d")],
    ctx: Context,
    layout: Annotated[str, Text(multiline=True)] = "",
) -> Annotated[Conditioning, Of(width="d")]:
    """Turn named boxes into tokens for cross-attention (Rombach et al. 2022, Sec. 4.3.2).

    Args:
        text_encoder: The transformer tau_theta of a model of layouts.
        layout: One object a line: its class and left, top, right, bottom as shares of the picture,
            like `red sphere 0.10 0.52 0.35 0.80`; empty means nothing in particular.
    """
    from nodes.ldm.prompt_reader import PromptSettings
    from nodes.runtime import computing, open_text_encoder

    reader = open_text_encoder(ctx, text_encoder)
    with computing(ctx):
        context, _ = reader.encode(layout, PromptSettings())
    return Conditioning(context.cpu())
