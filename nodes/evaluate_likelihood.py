"""MeasureLikelihood: the variational bound of a denoiser on held-out latents, term by term."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, NamedTuple

from engine.node import Context, Edit, Finding, Fix, Inference, Of, Range, Seed, node
from nodes.dataset_values import BesideSet, TokenSet
from nodes.model_facts import SCENE_BETAS
from nodes.plot_values import Series
from nodes.values import Latent, Metrics, UNet

if TYPE_CHECKING:
    from torch import Tensor

    from nodes.measuring.likelihood import Bound


class MeasuredLikelihood(NamedTuple):
    """The bound, and how it and the loss are spread over the timesteps."""

    metrics: Metrics
    terms: Series
    errors: Series


def _review(given: Inference) -> Iterator[Finding]:
    """Find what is told, but not of the same pictures, or not at all."""
    unet = given.facts.get("unet", {})
    if unet.get("width") and "tokens" not in given.facts:
        yield Finding(
            "this UNet is told by cross-attention what to draw, but `tokens` is not linked",
            port="tokens",
            got="nothing",
            expected="what is told of the latents' pictures",
            fixes=(Fix("link a TellTokens of the same dataset"),),
            code="missing-input",
        )
    if unet.get("concat", "none") != "none" and "beside" not in given.facts:
        yield Finding(
            f"this UNet expects {unet['concat']} beside the latent, but `beside` is not linked",
            port="beside",
            got="nothing",
            expected=str(unet["concat"]),
            fixes=(Fix("link a TellBeside of the same dataset"),),
            code="missing-input",
        )
    if unet.get("concat") == "none" and "beside" in given.facts:
        yield Finding(
            "this UNet takes nothing beside the latent, but `beside` is linked",
            port="beside",
            got="a link",
            expected="none",
            fixes=(Fix("unlink it", (Edit("", "beside"),)),),
            code="concat-unexpected",
        )


@node("MeasureLikelihood", version=1, category="measuring", review=_review)
def measure_likelihood(
    unet: Annotated[UNet, Of(c="c", space="s", betas=SCENE_BETAS)],
    latent: Annotated[Latent, Of(n="n", c="c", f="f", space="s")],
    ctx: Context,
    tokens: Annotated[TokenSet, Of(n="n")] | None = None,
    beside: Annotated[BesideSet, Of(n="n", f="f", space="s")] | None = None,
    levels: Annotated[int, Range(ge=1, le=999, step=10)] = 100,
    seed: Annotated[int, Seed()] = 0,
    title: str = "Likelihood of latents",
) -> MeasuredLikelihood:
    """Measure the variational bound L_T + sum L_t + L_0 (Ho et al. 2020, Eq. 5) on latents.

    In bits for each latent number, of a density: it says how well latents are modelled, can be
    below 0, and cannot be compared with bits/dim of pixels or of another first stage.

    Args:
        unet: Denoiser.
        latent: Held-out latents, from EncodeDataset.
        tokens: What is told by cross-attention.
        beside: What lies beside the latent.
        levels: Parts the timesteps are divided into; each latent draws one timestep from each.
        seed: Seed of timesteps and noise.
        title: Heading of the figures.
    """
    from nodes.evaluate_samples import open_conditioned
    from nodes.measuring.likelihood import Bound, bound
    from nodes.runtime import computing, device_of
    from nodes.training.denoising import scene_schedule

    network, device = open_conditioned(ctx, unet), device_of(ctx)

    def predict(z_t: Tensor, timestep: Tensor, rows: slice) -> Tensor:
        told = None if tokens is None else tokens.rows[rows].to(device)
        seen = None if beside is None else beside.rows[rows].float().to(device)
        said: Tensor = network(z_t.to(device), timestep.to(device), told, seen)
        return said.float().cpu()

    with computing(ctx):
        steps = bound(predict, unet.prediction, latent.data, scene_schedule(), levels, seed)
        for found in steps:
            if isinstance(found, Bound):
                whole = found
            else:
                ctx.progress(1 + found.index, levels)
    return _told(whole, len(latent.data), title)


def _told(found: Bound, count: int, title: str) -> MeasuredLikelihood:
    bits = 1 / math.log(2)
    middle = sum(part.nats for part in found.parts)
    figures = (
        ("latents", float(count)),
        ("L_T, bits/dim", found.prior * bits),
        ("sum of L_t, bits/dim", middle * bits),
        ("L_0, bits/dim", found.decoder * bits),
        ("bound, bits/dim", found.nats * bits),
        ("entropy of a unit Gaussian, bits/dim", 0.5 * math.log(2 * math.pi * math.e) * bits),
    )
    at = [(part.first + part.last) / 2 for part in found.parts]
    each = [part.nats * bits / (part.last - part.first + 1) for part in found.parts]
    terms = Series(title, "timestep t", "L_t, bits/dim", tuple(zip(at, each, strict=True)))
    wrong = [part.error for part in found.parts]
    errors = Series(title, "timestep t", "squared error of eps", tuple(zip(at, wrong, strict=True)))
    return MeasuredLikelihood(Metrics(title, figures), terms, errors)
