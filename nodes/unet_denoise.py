"""UNetDenoise: the reverse process, from noise to a latent, steered by what is linked to it."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from engine.node import Context, File, FileRef, Of, Range, Seed, Unkeyed, node
from nodes.control_values import Control
from nodes.denoise_rules import review
from nodes.estimates import estimate_denoising
from nodes.ldm.sampler_facts import SAMPLER_FACTS, SamplerName
from nodes.previews import SUFFIXES, check_tiny, snapshot, tell_tiny
from nodes.steer_values import Steer
from nodes.values import Concat, Conditioning, Latent, Mask, Noise, Schedule, UNet

if TYPE_CHECKING:
    from torch import Tensor

    from nodes.ldm.sampling import Steering


@node(
    "UNetDenoise",
    version=2,
    category="latent diffusion",
    review=review,
    estimate=estimate_denoising,
)
def unet_denoise(
    unet: Annotated[UNet, Of(c="c", space="s", width="d", betas="b")],
    schedule: Annotated[Schedule, Of(betas="b")],
    latent: Annotated[Latent, Of(c="c", f="f", space="s", h="h", w="w", n="n")],
    ctx: Context,
    cond: Annotated[Conditioning, Of(width="d")] | None = None,
    uncond: Annotated[Conditioning, Of(width="d")] | None = None,
    concat: Annotated[Concat, Of(c="c", f="f", space="s")] | None = None,
    mask: Mask | None = None,
    guidance: Annotated[float, Range(ge=0, le=50, step=0.5)] = 1.0,
    rescale: Annotated[float, Range(ge=0, le=1, step=0.05)] = 0.0,
    sampler: SamplerName = "ddim",
    eta: Annotated[float, Range(ge=0, le=1, step=0.1)] | None = None,
    seed: Annotated[int, Seed()] = 0,
    noise: Noise | None = None,
    tile: Annotated[int, Range(ge=0, le=512, step=8)] = 0,
    control: Control | None = None,
    steer: Annotated[Steer, Of(c="c", space="s", betas="b")] | None = None,
    preview: Annotated[FileRef, File("models", SUFFIXES, check_tiny, tell=tell_tiny), Unkeyed()]
    | None = None,
) -> Annotated[Latent, Of(c="c", f="f", space="s", h="h", w="w", n="n")]:
    """Walk from noise to a latent with eps_theta(z_t, t, tau_theta(y)).

    Image k of a batch draws the noise of seed + k, so it equals the single picture of that seed,
    unless `noise` says otherwise (Ho et al. 2020, Alg. 2; Song et al. 2021, Eq. 12; guidance: Ho
    and Salimans 2022, Eq. 6).

    Args:
        unet: The denoiser.
        schedule: Noise levels to visit.
        latent: Where to start, B c h w; from pure noise (strength 1) only its shape counts.
        cond: What to draw; nothing for an unconditional model.
        uncond: What guidance points away from: an empty prompt, or a negative one.
        concat: What lies beside the latent: mask and masked latent for inpainting models, the
            label map, the small picture or the grey one for others.
        mask: Where to repaint, 1 = repaint, with any model: the rest of `latent` is kept as it is.
        guidance: Scale w in eps_uncond + w (eps_cond - eps_uncond); 1 is no guidance.
        rescale: Share of the guided output brought back to the spread of the conditional one;
            0.7 with zero terminal SNR (Lin et al. 2023, Eq. 15 and 16).
        sampler: ddim, euler, plms and lms take one evaluation of the UNet a step, heun and dpm_2
            two; dpmpp_2m and uni_pc need the fewest steps; ddpm and those named ancestral or sde
            add fresh noise; lcm is for models distilled for it.
        eta: Share of fresh noise, 0..1, in ddim and in ancestral and sde samplers; without it, 0
            in ddim and 1 in the others.
        seed: Seed of the first image's noise.
        noise: Whose noise the seed stands for; ours when not linked.
        tile: Show the UNet overlapping windows of so many latent cells a side, for pictures larger
            than it was trained on; 0 shows it all at once.
        control: ControlNets that say where things are.
        steer: What shall become likely, by gradients: a class or the look of a picture.
        preview: A TAESD decoder, made for this model's latents, that draws the previews; without
            one they have a pixel for each latent cell. The result does not depend on it.
    """
    import torch

    from nodes.ldm.sampling import Walk, read_state, sample, state_bytes
    from nodes.runtime import computing, open_unet, with_control
    from nodes.steer_runtime import likelihoods_of
    from nodes.training.latents import latent_mask

    if guidance != 1 and uncond is None:
        raise ValueError(f"guidance is {guidance:g} but `uncond` is not linked")
    if len(schedule.sigmas) - schedule.first < 2:  # strength 0: nothing is repainted
        return latent
    model = open_unet(ctx, unet)
    walk = Walk(
        schedule.table(), unet.prediction, schedule.sigmas, schedule.from_noise, sampler, eta, seed,
        "latentgraph" if noise is None else noise.convention, schedule.first, tile,
    )  # fmt: skip
    small = None if mask is None else latent_mask(mask.data.round(), latent.data)
    steering = replace(
        steering_of(cond, uncond, concat, guidance, rescale, small),
        likelihoods=likelihoods_of(ctx, steer),
    )
    chain = ctx.chain(
        _start(schedule), _links(schedule, SAMPLER_FACTS[sampler].ahead), without="schedule"
    )
    x = latent.data.to(model.device)
    with computing(ctx):
        network = with_control(ctx, model, control, schedule.timesteps - 1)
        state = read_state(chain.resume(), schedule.first)
        for step in sample(network, x, steering, walk, state):
            chain.checkpoint(step.index + 1 - schedule.first, partial(state_bytes, step))
            ctx.progress(step.index + 1, step.count)
            told = cond is not None and cond.vector is not None
            look = partial(snapshot, tiny=preview, beta_start=schedule.beta_start, vector=told)
            ctx.preview(partial(look, ctx, step.denoised))
            x = step.x
        if state and state.done == len(schedule.sigmas) - 1:
            x = state.x  # the last checkpoint was the end
    done = x.float().cpu()
    return Latent(done if small is None else torch.where(small > 0, done, latent.data))


def steering_of(
    cond: Conditioning | None,
    uncond: Conditioning | None,
    concat: Concat | None,
    guidance: float,
    rescale: float = 0.0,
    mask: Tensor | None = None,
) -> Steering:
    """What a walk is told, from what is linked."""
    from nodes.ldm.sampling import Steering

    return Steering(
        cond=None if cond is None else cond.context,
        uncond=None if uncond is None else uncond.context,
        concat=None if concat is None else concat.channels,
        guidance=guidance,
        rescale=rescale,
        vector=None if cond is None else cond.vector,
        uncond_vector=None if uncond is None else uncond.vector,
        mask=mask,
    )


def _start(schedule: Schedule) -> dict[str, Any]:
    """What the walk depends on before its first step, in place of the schedule."""
    rest = {f.name: getattr(schedule, f.name) for f in fields(schedule) if f.name != "sigmas"}
    return {**rest, "sigma": schedule.sigmas[schedule.first]}


def _links(schedule: Schedule, ahead: int) -> list[list[float]]:
    """The sigmas each step sees in front of it, one after another."""
    sigmas = schedule.sigmas
    return [list(sigmas[i : i + 2 + ahead]) for i in range(schedule.first, len(sigmas) - 1)]
