"""CrossAttnCondition and ConcatCondition: the paper's two ways to tell a denoiser what to draw."""

from __future__ import annotations

from typing import Annotated

from engine.node import Context, Of, Text, node
from nodes.values import Concat, Conditioning, Latent, Mask, TextEncoder, require_batches


@node("CrossAttnCondition", version=1, category="latent diffusion")
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
    if strangers := model.tokenizer.unknown(prompt):
        raise ValueError(
            f"the model does not know the words {', '.join(strangers)};"
            f" it knows {', '.join(sorted(model.tokenizer.words))}"
        )
    if unread := model.tokenizer.unread(prompt):
        raise ValueError(
            f"the model reads {model.tokenizer.max_tokens} words, so it would not see"
            f" {' '.join(unread)!r}; shorten the prompt"
        )
    with computing(ctx):
        tokens = model.tokenizer([prompt]).to(model.device)
        context = model.network(tokens)
    return Conditioning(context.float().cpu())


@node("ConcatCondition", version=1, category="latent diffusion")
def concat_condition(
    latent: Annotated[Latent, Of(c="c", f="f")],
    mask: Mask,
) -> Annotated[Concat, Of(c="c", f="f")]:
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
