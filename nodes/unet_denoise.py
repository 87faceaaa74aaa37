"""UNetDenoise: the reverse process, from noise to a latent, steered by what is linked to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import partial
from itertools import pairwise
from typing import Annotated, Any, Literal

from engine.node import Context, Edit, Facts, Finding, Fix, Inference, Of, Range, Seed, node
from nodes.sizes import by, nearest_sizes, size_of, sized
from nodes.values import Concat, Conditioning, Latent, Schedule, UNet


def _infer(given: Inference) -> Mapping[str, Facts]:
    latent = given.facts["latent"]
    width, height = size_of(latent) or (None, None)
    return {"latent": sized(width, height, latent.get("n"))}


def _review(given: Inference) -> Iterator[Finding]:
    yield from _review_guidance(given)
    yield from _review_concat(given)
    yield from _review_size(given)
    yield from _review_batches(given)
    if given.settings["eta"] and given.settings["sampler"] not in (None, "ddim"):
        yield Finding(
            f"eta is {given.settings['eta']:g}, but only the sampler ddim reads it",
            port="eta",
            fixes=(
                Fix("set sampler to ddim", (Edit("", "sampler", "ddim"),)),
                Fix("set eta to 0", (Edit("", "eta", 0.0),)),
            ),
            severity="warning",
            code="setting-ignored",
        )


def _review_guidance(given: Inference) -> Iterator[Finding]:
    guidance = given.settings["guidance"]
    if guidance is not None and guidance != 1 and "uncond" not in given.facts:
        yield Finding(
            f"guidance is {guidance:g} but `uncond` is not linked",
            port="uncond",
            got="nothing",
            expected="what guidance points away from",
            fixes=(
                Fix("link a CrossAttnCondition with an empty (or negative) prompt"),
                Fix("set guidance to 1", (Edit("", "guidance", 1.0),)),
            ),
            code="missing-input",
        )


def _review_concat(given: Inference) -> Iterator[Finding]:
    expects = given.facts["unet"].get("concat")
    linked = "concat" in given.facts
    if expects == "none" and linked:
        yield Finding(
            "this UNet takes no concat conditioning but `concat` is linked",
            port="concat",
            got="a link",
            expected="nothing, or an inpainting model",
            fixes=(Fix("unlink it", (Edit("", "concat"),)), Fix("load an inpainting model")),
            code="concat-unexpected",
        )
    elif expects not in (None, "none") and not linked:
        yield Finding(
            f"this UNet expects {expects} beside the latent",
            port="concat",
            got="nothing",
            expected=str(expects),
            fixes=(Fix("link `concat` to a ConcatCondition"),),
            code="concat-missing",
        )
    elif linked and expects is not None:
        beside = given.facts["concat"].get("channels")
        if beside is not None and expects != f"{beside} channels":
            yield Finding(
                f"this UNet expects {expects} beside the latent, not {beside}",
                port="concat",
                got=f"{beside} channels",
                expected=str(expects),
                fixes=(Fix("link a ConcatCondition made with this model's autoencoder"),),
                code="concat-channels",
            )


def _review_size(given: Inference) -> Iterator[Finding]:
    """Cells that the UNet's levels cannot halve; the picture has to be another size."""
    size, stride = size_of(given.facts["latent"]), given.facts["unet"].get("stride")
    if size and isinstance(stride, int) and (size[0] % stride or size[1] % stride):
        factor = given.facts["latent"].get("f")
        pixels = factor if isinstance(factor, int) else 1
        near = (by((w * pixels, h * pixels)) for w, h in nearest_sizes(size, stride))
        unit = "pixels" if pixels > 1 else "cells"
        yield Finding(
            f"the latent has {by(size)} cells, but this UNet needs multiples of {stride}",
            port="latent",
            got=by(size),
            expected=f"multiples of {stride}",
            fixes=tuple(Fix(f"make the picture {size} {unit}") for size in near),
            code="size-no-multiple",
        )


def _review_batches(given: Inference) -> Iterator[Finding]:
    for name in ("cond", "uncond", "concat"):
        size, batch = given.facts.get(name, {}).get("n"), given.facts["latent"].get("n")
        if size is not None and batch is not None and size not in (1, batch):
            yield Finding(
                f"`{name}` is a batch of {size} but `latent` is a batch of {batch}",
                port=name,
                got=str(size),
                expected=f"{batch}, or a single one",
                fixes=(Fix("link one of the same size, or a single one"),),
                code="batches-differ",
            )


@node(
    "UNetDenoise",
    version=1,
    category="latent diffusion",
    infer=_infer,
    review=_review,
)
def unet_denoise(
    unet: Annotated[UNet, Of(c="c", f="f", space="s", width="d", betas="b")],
    schedule: Annotated[Schedule, Of(betas="b")],
    latent: Annotated[Latent, Of(c="c", f="f", space="s", h="h", w="w")],
    cond: Annotated[Conditioning, Of(width="d")],
    ctx: Context,
    uncond: Annotated[Conditioning, Of(width="d")] | None = None,
    concat: Annotated[Concat, Of(c="c", f="f", space="s", h="h", w="w")] | None = None,
    guidance: Annotated[float, Range(ge=0, le=50, step=0.5)] = 1.0,
    sampler: Literal["ddim", "ddpm", "euler", "dpmpp_2m"] = "ddim",
    eta: Annotated[float, Range(ge=0, le=1, step=0.1)] = 0.0,
    seed: Annotated[int, Seed()] = 0,
) -> Annotated[Latent, Of(c="c", f="f", space="s")]:
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

    if guidance != 1 and uncond is None:
        raise ValueError(f"guidance is {guidance:g} but `uncond` is not linked")
    if len(schedule.sigmas) - schedule.first < 2:  # strength 0: nothing is repainted
        return latent
    model = open_unet(ctx, unet)
    table = NoiseSchedule(schedule.kind, schedule.beta_start, schedule.beta_end, schedule.timesteps)
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
