"""Diffuse: the forward process q(x_t | x_0), seen step by step or in one draw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from engine.node import Edit, Facts, Finding, Fix, Inference, Of, Seed, node
from nodes.sizes import size_of, sized
from nodes.values import Image, Schedule


def read_steps(text: str) -> tuple[int, ...]:
    """Read `0,100,500`.

    Raises:
        ValueError: When it is something else.
    """
    try:
        found = tuple(int(part) for part in text.split(","))
    except ValueError:
        found = ()
    if not found or min(found) < 0:
        raise ValueError(f"`timesteps` is {text!r}; expected whole numbers like 0,100,500")
    return found


def _infer(given: Inference) -> Mapping[str, Facts]:
    size, text = size_of(given.facts.get("image", {})), given.settings["timesteps"]
    try:
        count = None if text is None else len(read_steps(text))
    except ValueError:
        count = None
    width, height = size or (None, None)
    return {"image": sized(width, height, count)}


def _review(given: Inference) -> Iterator[Finding]:
    text, last = given.settings["timesteps"], given.facts.get("schedule", {}).get("timesteps")
    if text is None:
        return
    try:
        steps = read_steps(text)
    except ValueError as error:
        yield _finding(str(error), text, "whole numbers like 0,100,500", "0,250,500")
        return
    if isinstance(last, int) and max(steps) >= last:
        kept = sorted({min(step, last - 1) for step in steps})
        said = f"there is no timestep {max(steps)}: the schedule has {last}, counted from 0"
        yield _finding(said, text, f"0..{last - 1}", ",".join(map(str, kept)))


def _finding(said: str, got: str, expected: str, better: str) -> Finding:
    return Finding(
        said,
        port="timesteps",
        got=got,
        expected=expected,
        fixes=(Fix(f"set timesteps to {better}", (Edit("", "timesteps", better),)),),
        code="wrong-value",
    )


@node("Diffuse", version=1, category="latent diffusion", infer=_infer, review=_review)
def diffuse(
    image: Annotated[Image, Of(h="h", w="w")],
    schedule: Schedule,
    timesteps: str = "0,100,200,400,600,999",
    how: Literal["one draw", "step by step"] = "one draw",
    seed: Annotated[int, Seed()] = 0,
) -> Annotated[Image, Of(h="h", w="w")]:
    """Noise a picture, x_t = sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) eps (Ho et al., Eq. 4).

    Step by step it is the chain x_t = sqrt(1 - beta_t) x_{t-1} + sqrt(beta_t) eps_t (Eq. 2), which
    has the same distribution.

    Args:
        image: The picture, the first if there are several; in [0, 1], noised in [-1, 1].
        schedule: Its betas count, not the levels it visits.
        timesteps: Which t to show, 0 to T - 1, separated by commas.
        how: In one draw from x_0, or through every step in between.
        seed: Seed of the noise.
    """
    from nodes.training.forward import FORWARD

    table, steps = schedule.table(), read_steps(timesteps)
    if max(steps) >= table.timesteps:
        raise ValueError(f"there is no timestep {max(steps)}; the schedule has {table.timesteps}")
    x0 = image.data[:1] * 2 - 1
    return Image((FORWARD[how](x0, table, steps, seed) / 2 + 0.5).clamp(0, 1))
