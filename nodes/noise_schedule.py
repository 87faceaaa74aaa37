"""NoiseSchedule: beta, alpha-bar and sigma, and the levels a sampler visits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Literal, NamedTuple

from engine.node import Facts, Inference, Of, Range, node
from nodes.values import Schedule, betas_fact


def _infer(given: Inference) -> Mapping[str, Facts] | None:
    settings = given.settings
    steps, timesteps = settings["steps"] or 0, settings["timesteps"] or math.inf
    if steps > timesteps:
        raise ValueError(f"{steps} steps do not fit into {timesteps} timesteps; lower `steps`")
    if (settings["beta_start"] or 0) > (settings["beta_end"] or math.inf):
        raise ValueError("`beta_start` is above `beta_end`, but betas rise; swap them")
    values = [settings[name] for name in ("kind", "beta_start", "beta_end", "timesteps")]
    if any(value is None for value in values):
        return None
    return {"schedule": {"betas": betas_fact(*values)}}


@node("NoiseSchedule", version=2, category="latent diffusion", infer=_infer)
def noise_schedule(
    steps: Annotated[int, Range(ge=1, le=1000, step=1)] = 25,
    spacing: Literal["leading", "linspace", "trailing", "karras"] = "trailing",
    strength: Annotated[float, Range(ge=0, le=1, step=0.05)] = 1.0,
    kind: Literal["scaled_linear", "linear", "cosine", "sqrt"] = "scaled_linear",
    beta_start: Annotated[float, Range(ge=1e-6, le=0.5)] = 0.0015,
    beta_end: Annotated[float, Range(ge=1e-6, le=0.999)] = 0.0195,
    timesteps: Annotated[int, Range(ge=2, le=10_000, step=1)] = 1000,
) -> Annotated[Schedule, Of(betas="b")]:
    """Choose the noise levels to visit, sigma_t = sqrt((1 - alpha_bar_t) / alpha_bar_t).

    The last four settings are the variance schedule q(x_t | x_{t-1}) the model was trained with
    (Ho et al. 2020, Eq. 2 and 4); the check refuses a schedule that is not the model's.

    Args:
        steps: How many denoising steps.
        spacing: How the levels are spread over the T timesteps.
        strength: Share of the way to pure noise at which to start; below 1 the latent shows through
            (SDEdit, Meng et al. 2022).
        kind: Family of betas; scaled_linear is the paper's, linear in sqrt(beta).
        beta_start: First beta.
        beta_end: Last beta.
        timesteps: T, the number of noise levels.
    """
    from nodes.ldm.schedule import SPACINGS, NoiseSchedule, keep_last

    schedule = NoiseSchedule(kind, beta_start, beta_end, timesteps)
    sigmas = keep_last(SPACINGS[spacing](schedule, steps), strength)
    return Schedule(
        kind, beta_start, beta_end, timesteps, tuple(sigmas.tolist()), from_noise=strength == 1
    )


class Split(NamedTuple):
    """A walk in two parts."""

    first: Annotated[Schedule, Of(betas="b")]
    second: Annotated[Schedule, Of(betas="b")]


@node("SplitSchedule", version=1, category="latent diffusion")
def split_schedule(
    schedule: Annotated[Schedule, Of(betas="b")],
    step: Annotated[int, Range(ge=1, le=999, step=1)] = 10,
) -> Split:
    """Stop a walk and let another UNetDenoise go on: with another prompt, guidance or model.

    Two denoisers of equal settings and seed, one on each part, give bit by bit what one gives on
    the whole; a multistep sampler (dpmpp_2m) begins the second part without its memory of the
    first, so it differs a little there.

    Args:
        schedule: The whole walk.
        step: How many of its steps the first part takes; its result is still noisy.
    """
    steps = len(schedule.sigmas) - 1
    if not schedule.first < step < steps:
        raise ValueError(f"`step` is {step}, but the walk goes from {schedule.first} to {steps}")
    return Split(
        first=replace(schedule, sigmas=schedule.sigmas[: step + 1]),
        second=replace(schedule, first=step),
    )
