"""Invert: from a latent up to the noise that the deterministic walk makes it of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from engine.node import Context, Finding, Fix, Inference, Of, Range, node
from nodes.denoise_rules import review_told
from nodes.estimates import estimate_denoising
from nodes.unet_denoise import steering_of
from nodes.values import Concat, Conditioning, Latent, Schedule, UNet


def _review(given: Inference) -> Iterator[Finding]:
    """Find a whole walk, which UNetDenoise would begin with noise of its own."""
    if given.facts.get("schedule", {}).get("first") == 0:
        yield Finding(
            "a whole walk begins with noise of its own, so this noise could not be walked down",
            port="schedule",
            got="a walk from step 0 on",
            expected="the second part of a walk",
            fixes=(Fix("put a SplitSchedule at step 1 before it, and link `second`"),),
            code="whole-walk",
        )
    yield from review_told(given)


@node(
    "Invert",
    version=1,
    category="latent diffusion",
    review=_review,
    estimate=estimate_denoising,
)
def invert(
    unet: Annotated[UNet, Of(c="c", space="s", width="d", betas="b")],
    schedule: Annotated[Schedule, Of(betas="b")],
    latent: Annotated[Latent, Of(c="c", f="f", space="s", h="h", w="w", n="n")],
    ctx: Context,
    cond: Annotated[Conditioning, Of(width="d")] | None = None,
    uncond: Annotated[Conditioning, Of(width="d")] | None = None,
    concat: Annotated[Concat, Of(c="c", f="f", space="s")] | None = None,
    guidance: Annotated[float, Range(ge=0, le=50, step=0.5)] = 1.0,
    refine: Annotated[int, Range(ge=0, le=20, step=1)] = 0,
    tile: Annotated[int, Range(ge=0, le=512, step=8)] = 0,
) -> Annotated[Latent, Of(c="c", f="f", space="s", h="h", w="w", n="n")]:
    """Walk the deterministic ODE up: DDIM inversion (Song et al. 2021, Sec. 4.3).

    A UNetDenoise with the same part of the walk, sampler ddim and eta 0 then leads back to the
    latent, or with another condition to the picture edited.

    Args:
        unet: The denoiser.
        schedule: Second part of a walk; the noise is that of the level where it begins.
        latent: Without noise, B c h w.
        cond: What the picture shows.
        uncond: What guidance points away from.
        concat: What lies beside the latent.
        guidance: Scale of guidance; the round trip is best without, at 1.
        refine: How often each step is mended by what is seen where it led to; each time costs one
            evaluation a step and brings the round trip closer to exact.
        tile: Side in latent cells of the windows the UNet sees; 0 shows it all at once.
    """
    from nodes.ldm.inversion import inverted
    from nodes.ldm.sampling import Walk
    from nodes.runtime import computing, open_unet

    if not schedule.first:
        raise ValueError("the schedule is a whole walk; link the second part of a SplitSchedule")
    if guidance != 1 and uncond is None:
        raise ValueError(f"guidance is {guidance:g} but `uncond` is not linked")
    model = open_unet(ctx, unet)
    walk = Walk(schedule.table(), unet.prediction, schedule.sigmas, first=schedule.first, tile=tile)
    steering = steering_of(cond, uncond, concat, guidance)
    x = latent.data.to(model.device)
    with computing(ctx):
        for step in inverted(model.network, x, steering, walk, refine):
            ctx.progress(step.index + 1, step.count)
            x = step.x
    return Latent(x.float().cpu())
