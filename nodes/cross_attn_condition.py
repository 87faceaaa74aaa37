"""CrossAttnCondition and ConcatCondition: the paper's two ways to tell a denoiser what to draw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Annotated

from engine.node import Context, Edit, Facts, Finding, Fix, Inference, Of, Range, Text, node
from nodes.estimates import estimate_reading
from nodes.ldm.own_names import names_in
from nodes.ldm.prompt import Weights
from nodes.ldm.tokenizer import WordTokenizer
from nodes.sizes import (
    batches_differ,
    largest_batch,
    mask_differs,
    sized,
)
from nodes.values import Concat, Conditioning, Latent, Mask, TextEncoder

AS_TRAINED = -1


def _infer(given: Inference) -> Mapping[str, Facts]:
    vector = given.facts.get("text_encoder", {}).get("vector")
    return {"conditioning": {"n": 1, **({} if vector is None else {"vector": vector})}}


def _review(given: Inference) -> Iterator[Finding]:
    facts, prompt = given.facts.get("text_encoder", {}), given.settings["prompt"]
    if "classes" in facts:
        yield Finding(
            f"this model is told one of {facts['classes']} classes, not words",
            port="text_encoder",
            got="classes",
            expected="a text encoder",
            fixes=(Fix("use ClassCondition instead"),),
            code="classes-not-words",
        )
    if "boxes" in facts or "grid" in facts:
        yield Finding(
            "this model is told objects and their boxes, not words",
            port="text_encoder",
            got="a model of layouts",
            expected="a text encoder",
            fixes=(Fix("use LayoutCondition instead"),),
            code="boxes-not-words",
        )
    yield from _review_layers(given)
    yield from _review_own_words(given)
    words, most = facts.get("words"), facts.get("max_tokens")
    if prompt is None or not isinstance(words, str) or not words or not isinstance(most, int):
        return
    tokenizer = WordTokenizer(tuple(words.split()), most)
    if fault := tokenizer.unreadable(prompt):
        nearest = mended(prompt, tokenizer)
        yield Finding(
            fault,
            port="prompt",
            got=", ".join(tokenizer.unknown(prompt) or tokenizer.unread(prompt)),
            expected=f"at most {most} of the words the model knows",
            fixes=(Fix(f'write "{nearest}"', (Edit("", "prompt", nearest),)),),
            code="prompt-unread",
        )


def _review_layers(given: Inference) -> Iterator[Finding]:
    layers = given.facts.get("text_encoder", {}).get("layers")
    skip = given.settings.get("skip_layers")
    if isinstance(layers, int) and skip is not None and skip >= layers:
        yield Finding(
            f"skip_layers is {skip}, but the text encoder has {layers} layers",
            port="skip_layers",
            got=str(skip),
            expected=f"0..{layers - 1}, or {AS_TRAINED} for as many as it was trained with",
            fixes=(
                Fix(f"set skip_layers to {AS_TRAINED}", (Edit("", "skip_layers", AS_TRAINED),)),
            ),
            code="no-such-layer",
        )


def _review_own_words(given: Inference) -> Iterator[Finding]:
    """A word of one's own that nobody has loaded would be read as plain letters."""
    facts, prompt = given.facts.get("text_encoder", {}), given.settings["prompt"]
    if prompt is None or "layers" not in facts or "words" in facts:
        return
    known = str(facts.get("own_words", "")).split()
    if strangers := [name for name in names_in(prompt) if name not in known]:
        yield Finding(
            f"the prompt names embedding:{strangers[0]}, which the text encoder does not know",
            port="prompt",
            got=", ".join(strangers),
            expected=", ".join(known) or "no embedding: none is loaded",
            fixes=(Fix("link the text encoder through a LoadTextualInversion"),),
            code="embedding-missing",
        )


def mended(prompt: str, tokenizer: WordTokenizer) -> str:
    """Return the prompt with unknown words replaced by the nearest known, and not too long."""
    found = []
    for word in tokenizer.split(prompt):
        near = [word] if word in tokenizer.words else get_close_matches(word, tokenizer.words, 1)
        found += near
    return " ".join(found[: tokenizer.max_tokens])


@node(
    "CrossAttnCondition",
    version=1,
    category="latent diffusion",
    infer=_infer,
    review=_review,
    estimate=estimate_reading,
)
def cross_attn_condition(
    text_encoder: Annotated[TextEncoder, Of(width="d")],
    ctx: Context,
    prompt: Annotated[str, Text(multiline=True)] = "",
    weights: Weights = "comfyui",
    skip_layers: Annotated[int, Range(ge=AS_TRAINED, le=63)] = AS_TRAINED,
) -> Annotated[Conditioning, Of(width="d")]:
    """Turn words into tokens for cross-attention, tau_theta(y)  (Rombach et al. 2022, Sec. 3.3).

    A model with CLIP reads a prompt of any length, 75 tokens at a time. `(word)` counts 1.1 times
    and `(word:1.3)` 1.3 times as much as what surrounds it: its token is moved from the empty
    prompt's at the same place, z_0 + w (z - z_0), as in ComfyUI. With weights "a1111" it is
    multiplied and the mean restored, weights inside each other multiply, `[word]` divides by 1.1
    and `BREAK` begins the next 75 tokens. After a backslash a parenthesis is text.

    Args:
        text_encoder: The transformer tau_theta the denoiser was trained with.
        prompt: What to draw; empty means nothing in particular, the unconditional case.
        weights: Whose way of writing weights the prompt is in; none reads every character as text.
        skip_layers: Layers left out at the end (1 is "CLIP skip 2"); -1 leaves out as many as the
            denoiser was trained with.
    """
    from nodes.ldm.prompt_reader import PromptSettings
    from nodes.runtime import computing, open_text_encoder

    skip = None if skip_layers == AS_TRAINED else skip_layers
    reader = open_text_encoder(ctx, text_encoder)
    with computing(ctx):
        context, pooled = reader.encode(prompt, PromptSettings(weights, skip))
    return Conditioning(context.cpu(), None if pooled is None else pooled.cpu())


def _infer_concat(given: Inference) -> Mapping[str, Facts] | None:
    latent = given.facts.get("latent", {})
    channels = latent.get("c")
    beside = {"channels": channels + 1} if isinstance(channels, int) else {}
    batch = sized(None, None, largest_batch(given, "latent", "mask"))
    return {"concat": {**beside, **batch}}


def _review_concat(given: Inference) -> Iterator[Finding]:
    yield from mask_differs(given)
    yield from batches_differ(given, "latent", "mask")


@node(
    "ConcatCondition",
    version=1,
    category="latent diffusion",
    infer=_infer_concat,
    review=_review_concat,
)
def concat_condition(
    latent: Annotated[Latent, Of(c="c", f="f", h="h", w="w", space="s")],
    mask: Mask,
) -> Annotated[Concat, Of(c="c", f="f", h="h", w="w", space="s")]:
    """Lay a mask and the latent of the masked picture beside the noisy latent.

    The concat conditioning of the inpainting models (Rombach et al. 2022, Sec. 4.5), channels in
    the order of the Stable Diffusion ones: mask (1), then masked latent (c).

    Args:
        latent: Encode of the picture whose hole MaskImage has greyed, B c h w.
        mask: The hole, B 1 H W, 1 = repaint; brought to latent size by nearest neighbour.
    """
    import torch

    from nodes.training.latents import latent_mask

    small = latent_mask(mask.data.round(), latent.data)
    batch = max(len(small), len(latent.data))
    both = [part.expand(batch, -1, -1, -1) for part in (small, latent.data)]
    return Concat(torch.cat(both, dim=1))
