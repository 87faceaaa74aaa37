"""CrossAttnCondition and ConcatCondition: the paper's two ways to tell a denoiser what to draw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from engine.node import Context, Facts, Finding, Fix, Inference, Of, Text, node
from nodes.ldm.tokenizer import WordTokenizer
from nodes.sizes import batches_differ, by, largest_batch, size_of, size_sentence, sized
from nodes.values import Concat, Conditioning, Latent, Mask, TextEncoder, require_batches


def _infer(given: Inference) -> Mapping[str, Facts] | None:
    facts, prompt = given.facts.get("text_encoder", {}), given.settings["prompt"]
    if prompt is not None and facts.get("words"):
        words, max_tokens = str(facts["words"]).split(), int(facts["max_tokens"])
        require_readable(prompt, WordTokenizer(tuple(words), max_tokens))
    return None


def require_readable(prompt: str, tokenizer: WordTokenizer) -> None:
    """Refuse words that a model with a small vocabulary was never taught, and those past its end.

    Raises:
        ValueError: Naming them, and the words it knows.
    """
    if strangers := list(dict.fromkeys(tokenizer.unknown(prompt))):
        raise ValueError(
            f"the model does not know {', '.join(map(repr, strangers))};"
            f" it knows: {', '.join(sorted(tokenizer.words))}"
        )
    if unread := tokenizer.unread(prompt):
        raise ValueError(
            f"the prompt has {len(unread)} words more than the {tokenizer.max_tokens} the model"
            f" reads; shorten it by {' '.join(unread)!r}"
        )


@node("CrossAttnCondition", version=1, category="latent diffusion", infer=_infer)
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
    require_readable(prompt, model.tokenizer)
    with computing(ctx):
        tokens = model.tokenizer([prompt]).to(model.device)
        context = model.network(tokens)
    return Conditioning(context.float().cpu())


def _infer_concat(given: Inference) -> Mapping[str, Facts] | None:
    latent = given.facts["latent"]
    channels = latent.get("c")
    beside = {"channels": channels + 1} if isinstance(channels, int) else {}
    batch = sized(None, None, largest_batch(given, "latent", "mask"))
    return {"concat": {**beside, **batch}}


def _review_concat(given: Inference) -> Iterator[Finding]:
    """A mask of any size is scaled to the latent's, but one of other pixels marks other places."""
    factor, cells = given.facts["latent"].get("f"), size_of(given.facts["latent"])
    mask = size_of(given.facts["mask"])
    if isinstance(factor, int) and cells and mask:
        pixels = (cells[0] * factor, cells[1] * factor)
        if mask != pixels:
            yield Finding(
                size_sentence("latent", pixels, "mask", mask)
                + " (in pixels), so it will be scaled",
                port="mask",
                got=by(mask),
                expected=by(pixels),
                fixes=(Fix("draw the mask on the picture that is encoded"),),
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

    require_batches(latent=latent, mask=mask)
    small = latent_mask(mask.data.round(), latent.data)
    batch = max(len(small), len(latent.data))
    both = [part.expand(batch, -1, -1, -1) for part in (small, latent.data)]
    return Concat(torch.cat(both, dim=1))
