"""NoiseSchedule: beta, alpha-bar and sigma, and the levels a sampler visits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Literal, NamedTuple

from engine.node import Edit, Facts, Finding, Fix, Inference, Of, Range, node
from nodes.ldm.strength import kept_steps
from nodes.ldm.timesteps import steps_of
from nodes.values import Schedule, betas_fact, yes_or_no

_BETAS = ("kind", "beta_start", "beta_end", "timesteps")
_SD_BETAS = betas_fact("scaled_linear", 0.00085, 0.012, 1000)
_NOT_FROM_THE_TOP = ("leading", "ddim_uniform", "ays", "ays_sdxl")
"""Spacings that do not begin at the noisiest level."""


def _infer(given: Inference) -> Mapping[str, Facts]:
    settings = given.settings
    betas = [settings[name] for name in _BETAS]
    steps, strength, zero = _steps(given), settings["strength"], settings["zero_terminal_snr"]
    found: dict[str, int | str] = {"first": 0}
    if None not in betas:
        found["betas"] = betas_fact(*betas)
        found["timesteps"] = settings["timesteps"]
    if steps is not None and strength is not None:
        found["last"] = kept_steps(steps, strength)
    if zero is not None:
        found["zero_terminal_snr"] = yes_or_no(zero)
    return {"schedule": found}


def _steps(given: Inference) -> int | None:
    """How many steps the spacing really makes; None where that is not known."""
    wanted = [given.settings[name] for name in ("spacing", "timesteps", "steps")]
    return None if None in wanted else steps_of(*wanted)


def _review(given: Inference) -> Iterator[Finding]:
    yield from _review_steps(given)
    yield from _review_spacing(given)
    start, end = given.settings["beta_start"], given.settings["beta_end"]
    if None not in (start, end) and start > end:
        yield Finding(
            f"`beta_start` is {start:g}, above `beta_end` {end:g}, but betas rise",
            port="beta_start",
            got=f"{start:g}",
            expected=f"at most {end:g}",
            fixes=(Fix("swap them", (Edit("", "beta_start", end), Edit("", "beta_end", start))),),
            code="betas-fall",
        )


def _review_steps(given: Inference) -> Iterator[Finding]:
    """Find more steps than levels, and a strength that leaves none."""
    steps, timesteps = given.settings["steps"], given.settings["timesteps"]
    if None not in (steps, timesteps) and steps > timesteps:
        yield Finding(
            f"{steps} steps do not fit into {timesteps} timesteps",
            port="steps",
            got=str(steps),
            expected=f"at most {timesteps}",
            fixes=(Fix(f"set steps to {timesteps}", (Edit("", "steps", timesteps),)),),
            code="too-many-steps",
        )
    steps, strength = _steps(given), given.settings["strength"]
    if steps and strength and not kept_steps(steps, strength):
        least = min(1.0, round(1 / steps + 1e-6, 6))
        yield Finding(
            f"strength {strength:g} of {steps} steps is less than one, so nothing is repainted",
            port="strength",
            got=f"{strength:g}",
            expected=f"at least {least:g}",
            fixes=(Fix(f"set strength to {least:g}", (Edit("", "strength", least),)),),
            severity="warning",
            code="no-step-left",
        )


def _review_spacing(given: Inference) -> Iterator[Finding]:
    """Tell of another number of steps, of levels made for other betas, and of a missed start."""
    spacing, steps, made = given.settings["spacing"], given.settings["steps"], _steps(given)
    if made is not None and made != steps:
        yield _doubt(
            f"{spacing} makes {made} steps where {steps} are asked for",
            ("steps", str(steps), f"{made}, or another spacing"),
            Fix("set spacing to trailing", (Edit("", "spacing", "trailing"),)),
            "other-steps",
        )
    betas = [given.settings[name] for name in _BETAS]
    if spacing in ("ays", "ays_sdxl") and None not in betas and betas_fact(*betas) != _SD_BETAS:
        yield _doubt(
            f"the levels of {spacing} were found for the betas of Stable Diffusion",
            ("spacing", betas_fact(*betas), _SD_BETAS),
            Fix("set spacing to karras", (Edit("", "spacing", "karras"),)),
            "levels-of-others",
        )
    if given.settings["zero_terminal_snr"] and spacing in _NOT_FROM_THE_TOP:
        yield _doubt(
            f"{spacing} never visits the level without signal that zero_terminal_snr makes",
            ("spacing", spacing, "a spacing that begins at the noisiest level"),
            Fix("set spacing to trailing", (Edit("", "spacing", "trailing"),)),
            "level-missed",
        )


def _doubt(message: str, port_got_expected: tuple[str, str, str], fix: Fix, code: str) -> Finding:
    port, got, expected = port_got_expected
    return Finding(message, port, got, expected, fixes=(fix,), severity="warning", code=code)


@node("NoiseSchedule", version=3, category="latent diffusion", infer=_infer, review=_review)
def noise_schedule(
    steps: Annotated[int, Range(ge=1, le=1000, step=1)] = 25,
    spacing: Literal[
        "leading",
        "linspace",
        "trailing",
        "karras",
        "normal",
        "simple",
        "exponential",
        "beta",
        "sgm_uniform",
        "ddim_uniform",
        "ays",
        "ays_sdxl",
        "kl_optimal",
        "lcm",
    ] = "trailing",
    strength: Annotated[float, Range(ge=0, le=1, step=0.05)] = 1.0,
    kind: Literal["scaled_linear", "linear", "cosine", "sqrt"] = "scaled_linear",
    beta_start: Annotated[float, Range(ge=1e-6, le=0.5)] = 0.0015,
    beta_end: Annotated[float, Range(ge=1e-6, le=0.999)] = 0.0195,
    timesteps: Annotated[int, Range(ge=2, le=10_000, step=1)] = 1000,
    zero_terminal_snr: bool = False,
) -> Annotated[Schedule, Of(betas="b")]:
    """Choose the noise levels to visit, sigma_t = sqrt((1 - alpha_bar_t) / alpha_bar_t).

    The last five settings are the variance schedule q(x_t | x_{t-1}) the model was trained with
    (Ho et al. 2020, Eq. 2 and 4); the check refuses a schedule that is not the model's.

    Args:
        steps: How many denoising steps.
        spacing: How the levels are spread over the T timesteps; leading is LDM's, normal is
            linspace, ays is for Stable Diffusion 1 and ays_sdxl for XL.
        strength: Share of the way to pure noise at which to start; below 1 the latent shows through
            (SDEdit, Meng et al. 2022).
        kind: Family of betas; scaled_linear is the paper's, linear in sqrt(beta).
        beta_start: First beta.
        beta_end: Last beta.
        timesteps: T, the number of noise levels.
        zero_terminal_snr: Take the last signal out of the noisiest level, for models that predict
            v or x0 and were trained so (Lin et al. 2023, Alg. 1).
    """
    from nodes.ldm.schedule import NoiseSchedule
    from nodes.ldm.spacings import SPACINGS, keep_last

    schedule = NoiseSchedule(kind, beta_start, beta_end, timesteps, zero_terminal_snr)
    sigmas = keep_last(SPACINGS[spacing](schedule, steps), strength)
    return Schedule(
        kind,
        beta_start,
        beta_end,
        timesteps,
        tuple(sigmas.tolist()),
        from_noise=strength == 1,
        zero_terminal_snr=zero_terminal_snr,
    )


class Split(NamedTuple):
    """A walk in two parts."""

    first: Annotated[Schedule, Of(betas="b")]
    second: Annotated[Schedule, Of(betas="b")]


def _infer_split(given: Inference) -> Mapping[str, Facts]:
    whole, step = given.facts.get("schedule", {}), given.settings["step"]
    same = {"zero_terminal_snr": whole.get("zero_terminal_snr")}
    return {
        "first": _known(first=whole.get("first"), last=step, **same),
        "second": _known(first=step, last=whole.get("last"), **same),
    }


def _known(**facts: int | str | None) -> Facts:
    return {name: fact for name, fact in facts.items() if fact is not None}


def _review_split(given: Inference) -> Iterator[Finding]:
    """Find a cut outside the walk."""
    whole, step = given.facts.get("schedule", {}), given.settings["step"]
    first, last = whole.get("first"), whole.get("last")
    if not isinstance(first, int) or not isinstance(last, int) or step is None:
        return
    if not first < step < last:
        near = min(max(step, first + 1), last - 1)
        fix = Fix(f"set step to {near}", (Edit("", "step", near),))
        yield Finding(
            f"`step` is {step}, but the walk goes from {first} to {last}",
            port="step",
            got=str(step),
            expected=f"{first + 1} to {last - 1}",
            fixes=(fix,) if first < near < last else (Fix("take more steps in the schedule"),),
            code="outside-walk",
        )


@node(
    "SplitSchedule",
    version=2,
    category="latent diffusion",
    infer=_infer_split,
    review=_review_split,
)
def split_schedule(
    schedule: Annotated[Schedule, Of(betas="b")],
    step: Annotated[int, Range(ge=1, le=999, step=1)] = 10,
) -> Split:
    """Stop a walk and let another UNetDenoise go on: with another prompt, guidance or model.

    Two denoisers of equal settings and seed, one on each part, give bit by bit what one gives on
    the whole; a multistep sampler (dpmpp_2m, uni_pc, plms, lms) begins the second part without its
    memory of the first, so it differs a little there.

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
