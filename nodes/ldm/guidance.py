"""Give a network its conditions, alone or with classifier-free guidance.

Guidance (Ho and Salimans 2022, arXiv:2207.12598, Eq. 6, written as LDM and its users write it):
eps = eps_uncond + w (eps_cond - eps_uncond), so w = 1 is the plain conditional model.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from nodes.ldm.denoiser import Predict
from nodes.ldm.prepared import Context, prepared_by


class Network(Protocol):
    """The denoising UNet as its callers see it; it may also prepare a context (`Prepares`)."""

    def __call__(
        self, x: Tensor, timesteps: Tensor, context: Context | None = None, y: Tensor | None = None
    ) -> Tensor:
        """Map noisy latents, B c h w, at timesteps, B, to the prediction, B c h w."""


@dataclass(frozen=True, eq=False)
class Condition:
    """What one half of the guided batch is told; Rombach et al. 2022, Sec. 3.3.

    Args:
        context: B T D, tokens for cross-attention.
        y: B or B D, class ids or a vector added to the time embedding.
    """

    context: Tensor | None = None
    y: Tensor | None = None


def conditioned(network: Network, cond: Condition, concat: Tensor | None = None) -> Predict:
    """Bind a network to one condition; the prediction comes back in the type of x_t.

    What follows from the condition alone is computed here, once for all steps (`Prepares`).

    Args:
        network: The denoising network.
        cond: Its condition, of the batch size that x_t will have.
        concat: B c' h w, channels laid behind those of x_t (mask and masked latent to inpaint).
    """
    context = prepared_by(network, cond.context)

    def predict(x_t: Tensor, timestep: Tensor) -> Tensor:
        x = x_t if concat is None else torch.cat([x_t, concat.to(x_t)], dim=1)  # B c+c' h w
        return network(x, timestep, context, cond.y).to(x_t.dtype)

    return predict


def guided(
    network: Network,
    cond: Condition,
    uncond: Condition,
    scale: float,
    concat: Tensor | None = None,
    rescale: float = 0.0,
) -> Predict:
    """Bind a network to a condition and its absence, evaluated as one batch [uncond; cond].

    Prompts of unequal length are repeated until they are equally long, as ComfyUI does. Attention
    is not changed by that: the softmax shares each token's weight among its copies.

    Args:
        network: The denoising network.
        cond: What to draw.
        uncond: What guidance points away from: the null condition, or a negative prompt.
        scale: Guidance scale w; at 1 the uncond half is not computed at all.
        concat: B c' h w, channels that both halves see alike.
        rescale: Share phi, in [0, 1], of the guided output brought back to the spread of the
            conditional one (Lin et al. 2023, arXiv:2305.08891, Eq. 15 and 16).

    Raises:
        ValueError: The two conditions do not have the same parts and shapes.
    """
    if scale == 1:
        return conditioned(network, cond, concat)
    contexts = _as_long(uncond.context, cond.context)
    both = Condition(_stack("context", *contexts), _stack("y", uncond.y, cond.y))
    predict_both = conditioned(network, both, _stack("concat", concat, concat))

    def predict(x_t: Tensor, timestep: Tensor) -> Tensor:
        output = predict_both(torch.cat([x_t, x_t]), torch.cat([timestep, timestep]))
        eps_uncond, eps_cond = output.chunk(2)
        output = eps_uncond + scale * (eps_cond - eps_uncond)
        return _rescaled(output, eps_cond, rescale) if rescale else output

    return predict


def _as_long(uncond: Tensor | None, cond: Tensor | None) -> tuple[Tensor | None, Tensor | None]:
    """Repeat the tokens of two contexts, B T D, to their least common length."""
    if uncond is None or cond is None or 0 in (uncond.shape[1], cond.shape[1]):
        return uncond, cond
    length = math.lcm(uncond.shape[1], cond.shape[1])
    return (
        uncond.repeat(1, length // uncond.shape[1], 1),
        cond.repeat(1, length // cond.shape[1], 1),
    )


def _rescaled(guided: Tensor, cond: Tensor, share: float) -> Tensor:
    """Mix in as much of the guided output, spread as the conditional one in each picture."""
    axes = tuple(range(1, guided.ndim))
    spread = cond.std(axes, keepdim=True) / guided.std(axes, keepdim=True)
    return guided * (share * spread + 1 - share)


def _stack(part: str, uncond: Tensor | None, cond: Tensor | None) -> Tensor | None:
    if uncond is None and cond is None:
        return None
    if uncond is None or cond is None or uncond.shape != cond.shape:
        shapes = [None if half is None else tuple(half.shape) for half in (uncond, cond)]
        raise ValueError(
            f"guidance: {part} has shape {shapes[0]} in uncond and {shapes[1]} in cond;"
            " give both the same parts, of the same shape"
        )
    return torch.cat([uncond, cond])
