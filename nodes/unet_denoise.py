"""UNetDenoise: the reverse process, from noise to a latent, steered by what is linked to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import partial
from itertools import pairwise
from typing import Annotated, Any, Literal

from engine.node import Context, Facts, Inference, Of, Range, Seed, node
from nodes.values import Concat, Conditioning, Latent, Schedule, UNet

NO_UNCOND = (
    "guidance is {:g} but `uncond` is not linked; link a CrossAttnCondition with an empty"
    " (or negative) prompt, or set guidance to 1"
)


def _infer(given: Inference) -> Mapping[str, Facts] | None:
    guidance = given.settings["guidance"]
    if guidance is not None and guidance != 1 and "uncond" not in given.facts:
        raise ValueError(NO_UNCOND.format(guidance))
    expects = given.facts.get("unet", {}).get("concat")
    if expects == "none" and "concat" in given.facts:
        raise ValueError(
            "this UNet takes no concat conditioning but `concat` is linked; unlink it, or load an"
            " inpainting model"
        )
    if expects not in (None, "none") and "concat" not in given.facts:
        raise ValueError(
            f"this UNet expects {expects} beside the latent; link `concat` to a ConcatCondition"
        )
    return None


def _require_fitting(
    latent: Latent, guidance: float, **given: Conditioning | Concat | None
) -> None:
    """Refuse at run time what the check cannot know: batch sizes, and a linked guidance."""
    if guidance != 1 and given["uncond"] is None:
        raise ValueError(NO_UNCOND.format(guidance))
    for name, value in given.items():
        if value is not None and value.batch not in (1, latent.batch):
            raise ValueError(
                f"`{name}` is a batch of {value.batch} but `latent` is a batch of {latent.batch};"
                " link one of the same size, or a single one"
            )


@node("UNetDenoise", version=1, category="latent diffusion", infer=_infer)
def unet_denoise(
    unet: Annotated[UNet, Of(c="c", f="f", width="d", betas="b")],
    schedule: Annotated[Schedule, Of(betas="b")],
    latent: Annotated[Latent, Of(c="c", f="f")],
    cond: Annotated[Conditioning, Of(width="d")],
    ctx: Context,
    uncond: Annotated[Conditioning, Of(width="d")] | None = None,
    concat: Annotated[Concat, Of(c="c", f="f")] | None = None,
    guidance: Annotated[float, Range(ge=0, le=50, step=0.5)] = 1.0,
    sampler: Literal["ddim", "ddpm", "euler", "dpmpp_2m"] = "ddim",
    eta: Annotated[float, Range(ge=0, le=1, step=0.1)] = 0.0,
    seed: Annotated[int, Seed()] = 0,
) -> Annotated[Latent, Of(c="c", f="f")]:
    """Walk from noise to a latent with eps_theta(z_t, t, tau_theta(y)).

    Image k of a batch draws the noise of seed + k, so it equals the single picture of that seed
    (Ho et al. 2020, Alg. 2; Song et al. 2021, Eq. 12; guidance: Ho and Salimans 2022, Eq. 6).

    Args:
        unet: The denoiser.
        schedule: Noise levels to visit.
        latent: Where to start, B c h w; from pure noise (strength 1) only its shape counts.
        cond: What to draw.
        uncond: What guidance points away from: an empty prompt, or a negative one.
        concat: Mask and masked latent, for inpainting models.
        guidance: Scale w in eps_uncond + w (eps_cond - eps_uncond); 1 is no guidance.
        sampler: ddim is deterministic at eta 0; ddpm is the paper's ancestral sampler; euler is
            the ODE's simplest solver, dpmpp_2m one that needs fewer steps.
        eta: Share of fresh noise in ddim's steps, 0..1; the other samplers ignore it.
        seed: Seed of the first image's noise.
    """
    from nodes.ldm.sampling import Steering, Walk, read_state, sample, state_bytes
    from nodes.ldm.schedule import NoiseSchedule
    from nodes.runtime import computing, open_unet

    _require_fitting(latent, guidance, cond=cond, uncond=uncond, concat=concat)
    if len(schedule.sigmas) - schedule.first < 2:  # strength 0: nothing is repainted
        return latent
    model = open_unet(ctx, unet)
    table = NoiseSchedule(
        schedule.kind, schedule.beta_start, schedule.beta_end, schedule.timesteps
    )
    walk = Walk(
        table,
        unet.prediction,
        schedule.sigmas,
        schedule.from_noise,
        sampler,
        eta,
        seed,
        schedule.first,
    )
    steering = Steering(
        cond=cond.context,
        uncond=None if uncond is None else uncond.context,
        concat=None if concat is None else concat.channels,
        guidance=guidance,
    )
    chain = ctx.chain(_start(schedule), _links(schedule), without="schedule")
    x = latent.data.to(model.device)
    with computing(ctx):
        state = read_state(chain.resume(), schedule.first)
        for step in sample(model.network, x, steering, walk, state):
            chain.checkpoint(step.index + 1 - schedule.first, partial(state_bytes, step))
            ctx.progress(step.index + 1, step.count)
            ctx.preview(Latent(step.denoised.float().cpu()))
            x = step.x
        if state and state.done == len(schedule.sigmas) - 1:
            x = state.x  # the last checkpoint was the end
    return Latent(x.float().cpu())


def _start(schedule: Schedule) -> dict[str, Any]:
    """What the walk depends on before its first step, in place of the schedule."""
    rest = {f.name: getattr(schedule, f.name) for f in fields(schedule) if f.name != "sigmas"}
    return {**rest, "sigma": schedule.sigmas[schedule.first]}


def _links(schedule: Schedule) -> list[list[float]]:
    """The pairs of sigmas the walk consumes, one after another."""
    return [list(pair) for pair in pairwise(schedule.sigmas[schedule.first :])]
