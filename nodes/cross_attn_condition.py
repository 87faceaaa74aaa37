"""CrossAttnCondition and ConcatCondition: the paper's two ways to tell a denoiser what to draw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Annotated

from engine.node import Context, Edit, Facts, Finding, Fix, Inference, Of, Text, node
from nodes.ldm.tokenizer import WordTokenizer
from nodes.sizes import (
    batches_differ,
    by,
    largest_batch,
    resizing,
    size_of,
    size_sentence,
    sized,
)
from nodes.values import Concat, Conditioning, Latent, Mask, TextEncoder


def _infer(given: Inference) -> Mapping[str, Facts]:
    return {"conditioning": {"n": 1}}


def _review(given: Inference) -> Iterator[Finding]:
    facts, prompt = given.facts.get("text_encoder", {}), given.settings["prompt"]
    words, most = facts.get("words"), facts.get("max_tokens")
    if prompt is None or not isinstance(words, str) or not words or not isinstance(most, int):
        return
    tokenizer = WordTokenizer(tuple(words.split()), most)
    if fault := unreadable(prompt, tokenizer):
        nearest = mended(prompt, tokenizer)
        yield Finding(
            fault,
            port="prompt",
            got=", ".join(tokenizer.unknown(prompt) or tokenizer.unread(prompt)),
            expected=f"at most {most} of the words the model knows",
            fixes=(Fix(f'write "{nearest}"', (Edit("", "prompt", nearest),)),),
            code="prompt-unread",
        )


def mended(prompt: str, tokenizer: WordTokenizer) -> str:
    """Return the prompt with unknown words replaced by the nearest known, and not too long."""
    found = []
    for word in tokenizer.split(prompt):
        near = [word] if word in tokenizer.words else get_close_matches(word, tokenizer.words, 1)
        found += near
    return " ".join(found[: tokenizer.max_tokens])


def unreadable(prompt: str, tokenizer: WordTokenizer) -> str | None:
    """Name words that a model with a small vocabulary was never taught, or those past its end."""
    if strangers := list(dict.fromkeys(tokenizer.unknown(prompt))):
        known = ", ".join(sorted(tokenizer.words))
        return f"the model does not know {', '.join(map(repr, strangers))}; it knows: {known}"
    if unread := tokenizer.unread(prompt):
        return (
            f"the prompt has {len(unread)} words more than the {tokenizer.max_tokens} the model"
            f" reads; shorten it by {' '.join(unread)!r}"
        )
    return None


@node("CrossAttnCondition", version=1, category="latent diffusion", infer=_infer, review=_review)
def cross_attn_condition(
    text_encoder: Annotated[TextEncoder, Of(width="d")],
    ctx: Context,
    prompt: Annotated[str, Text(multiline=True)] = "",
) -> Annotated[Conditioning, Of(width="d")]:
    """Turn words into tokens for cross-attention, tau_theta(y)  (Rombach et al. 2022, Sec. 3.3).

    Args:
        text_encoder: The transformer tau_theta the denoiser was trained with.
        prompt: What to draw; empty means nothing in particular, the unconditional case.
    """
    from nodes.runtime import computing, open_text_encoder

    model = open_text_encoder(ctx, text_encoder)
    if fault := unreadable(prompt, model.tokenizer):
        raise ValueError(fault)
    with computing(ctx):
        tokens = model.tokenizer([prompt]).to(model.device)
        context = model.network(tokens)
    return Conditioning(context.float().cpu())


def _infer_concat(given: Inference) -> Mapping[str, Facts] | None:
    latent = given.facts.get("latent", {})
    channels = latent.get("c")
    beside = {"channels": channels + 1} if isinstance(channels, int) else {}
    batch = sized(None, None, largest_batch(given, "latent", "mask"))
    return {"concat": {**beside, **batch}}


def _review_concat(given: Inference) -> Iterator[Finding]:
    """A mask of any size is scaled to the latent's, but one of other pixels marks other places."""
    factor, cells = given.facts.get("latent", {}).get("f"), size_of(given.facts.get("latent", {}))
    mask = size_of(given.facts.get("mask", {}))
    if isinstance(factor, int) and cells and mask:
        pixels = (cells[0] * factor, cells[1] * factor)
        if mask != pixels:
            yield Finding(
                size_sentence("latent", pixels, "mask", mask)
                + " (in pixels), so it will be scaled",
                port="mask",
                got=by(mask),
                expected=by(pixels),
                fixes=(resizing("mask", *pixels, "ResizeMask"),),
                severity="warning",
                code="sizes-differ",
            )
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
