import math
from itertools import pairwise

import pytest
from hypothesis import given as given_by
from hypothesis import strategies as st

from engine.node import Facts, Finding, Inference
from nodes.ldm.config import ScheduleConfig, UNetConfig
from nodes.ldm.spacings import SPACINGS
from nodes.ldm.timesteps import steps_of
from nodes.model_facts import unet_facts
from nodes.noise_schedule import noise_schedule, split_schedule

BETAS = {"kind": "scaled_linear", "beta_start": 0.0015, "beta_end": 0.0195, "timesteps": 1000}
OTHERS = {"spacing": "trailing", "zero_terminal_snr": False}
SD = {"beta_start": 0.00085, "beta_end": 0.012}
spacings = st.sampled_from(sorted(SPACINGS))
kinds = st.sampled_from(["scaled_linear", "linear", "cosine", "sqrt"])


def given(**settings: object) -> Inference:
    return Inference({"steps": 25, "strength": 1.0, **BETAS, **OTHERS, **settings}, {})


def facts(**settings: object) -> Facts:
    assert noise_schedule.infer
    found = noise_schedule.infer(given(**settings)) or {}
    return found["schedule"]  # type: ignore[return-value]


def review(**settings: object) -> list[Finding]:
    assert noise_schedule.review
    return list(noise_schedule.review(given(**settings)))


def split(first: int, last: int, step: int) -> list[Finding]:
    assert split_schedule.review
    walk = {"schedule": {"first": first, "last": last}}
    return list(split_schedule.review(Inference({"step": step}, walk)))


@given_by(st.integers(1, 40), spacings, kinds)
def test_a_schedule_visits_falling_levels_that_end_in_zero(
    steps: int, spacing: str, kind: str
) -> None:
    sigmas = noise_schedule(steps, spacing, kind=kind).sigmas  # type: ignore[arg-type]

    assert len(sigmas) == steps_of(spacing, 1000, steps) + 1
    assert facts(steps=steps, spacing=spacing)["last"] == len(sigmas) - 1
    assert sigmas[-1] == 0
    assert all(above > below for above, below in pairwise(sigmas))


@pytest.mark.parametrize("spacing", ["linspace", "trailing", "karras"])
def test_sampling_starts_at_the_last_level_of_the_table(spacing: str) -> None:
    first = noise_schedule(10, spacing).sigmas[0]  # type: ignore[arg-type]
    alpha_bar = math.prod(
        1 - (math.sqrt(0.0015) + (math.sqrt(0.0195) - math.sqrt(0.0015)) * t / 999) ** 2
        for t in range(1000)
    )

    assert first == pytest.approx(math.sqrt((1 - alpha_bar) / alpha_bar), rel=1e-9)


@given_by(st.integers(1, 40), st.floats(0, 1))
def test_strength_keeps_the_last_levels(steps: int, strength: float) -> None:
    full, kept = noise_schedule(steps), noise_schedule(steps, strength=strength)

    assert kept.sigmas == full.sigmas[len(full.sigmas) - len(kept.sigmas) :]
    assert len(kept.sigmas) - 1 <= strength * steps + 1e-5
    assert len(kept.sigmas) > strength * steps - 1e-5
    assert kept.from_noise == (strength == 1)


def test_strength_zero_visits_nothing() -> None:
    assert noise_schedule(25, strength=0.0).sigmas == (0.0,)


def test_more_steps_than_levels_are_refused() -> None:
    with pytest.raises(ValueError, match=r"steps: got 11, expected 1\.\.10"):
        noise_schedule(11, timesteps=10)


def test_betas_that_fall_are_refused() -> None:
    with pytest.raises(ValueError, match=r"got betas 0\.02\.\.0\.01, expected .* first not above"):
        noise_schedule(beta_start=0.02, beta_end=0.01)


def test_the_type_names_the_betas_as_a_model_with_the_same_ones_does() -> None:
    unet = UNetConfig(num_heads=8, context_dim=8)

    assert facts()["betas"] == "scaled_linear 0.0015..0.0195 over 1000"
    assert facts()["betas"] == unet_facts(unet, ScheduleConfig())["betas"]
    assert facts(kind="linear") != facts()
    assert facts(timesteps=500) != facts()


@pytest.mark.parametrize("name", BETAS)
def test_linked_betas_leave_the_type_open(name: str) -> None:
    assert "betas" not in facts(**{name: None})


def test_what_makes_no_schedule_is_refused_before_anything_runs() -> None:
    (many,) = review(steps=30, timesteps=20)
    (falling,) = review(beta_start=0.02, beta_end=0.01)

    assert many.message == "30 steps do not fit into 20 timesteps"
    assert [edit.value for edit in many.fixes[0].edits] == [20]
    assert falling.message == "`beta_start` is 0.02, above `beta_end` 0.01, but betas rise"
    assert [edit.value for edit in falling.fixes[0].edits] == [0.01, 0.02]
    assert review() == []


def test_every_spacing_can_be_chosen() -> None:
    assert noise_schedule.inputs["spacing"].choices
    assert set(noise_schedule.inputs["spacing"].choices) == set(SPACINGS)


@pytest.mark.parametrize(
    ("spacing", "steps", "made"), [("beta", 300, 293), ("ddim_uniform", 30, 31), ("lcm", 60, 50)]
)
def test_other_steps_than_asked_for_are_told(spacing: str, steps: int, made: int) -> None:
    (found,) = review(spacing=spacing, steps=steps)

    assert found.severity == "warning"
    assert found.message == f"{spacing} makes {made} steps where {steps} are asked for"
    assert len(noise_schedule(steps, spacing).sigmas) == made + 1  # type: ignore[arg-type]
    assert review(spacing=spacing, steps=20) == []


def test_align_your_steps_is_doubted_for_betas_it_was_not_made_for() -> None:
    (found,) = review(spacing="ays")

    assert "were found for the betas of Stable Diffusion" in found.message
    assert [edit.value for edit in found.fixes[0].edits] == ["karras"]
    assert review(spacing="ays", **SD) == []


@pytest.mark.parametrize("spacing", sorted(SPACINGS))
def test_without_terminal_signal_a_spacing_that_misses_the_last_level_is_doubted(
    spacing: str,
) -> None:
    found = review(spacing=spacing, zero_terminal_snr=True, **SD)
    sigmas = noise_schedule(20, spacing, zero_terminal_snr=True, **SD).sigmas  # type: ignore[arg-type]

    assert bool(found) == (sigmas[0] < 4000)


@pytest.mark.parametrize("zero", [True, False])
def test_both_parts_of_a_walk_and_its_type_say_whether_it_begins_without_signal(zero: bool) -> None:
    whole = noise_schedule(10, zero_terminal_snr=zero)
    first, second = split_schedule(whole, 4)
    told = "yes" if zero else "no"

    assert facts(zero_terminal_snr=zero)["zero_terminal_snr"] == told
    assert [part.facts["zero_terminal_snr"] for part in (whole, first, second)] == [told] * 3


@given_by(st.integers(1, 60), st.floats(0, 1))
def test_a_strength_that_leaves_no_step_is_doubted_and_the_least_one_is_told(
    steps: int, strength: float
) -> None:
    found = review(steps=steps, strength=strength)
    kept = len(noise_schedule(steps, strength=strength).sigmas) - 1

    assert bool(found) == (kept == 0 and strength > 0)
    assert facts(steps=steps, strength=strength)["last"] == kept
    for finding in found:
        least = finding.fixes[0].edits[0].value
        assert finding.severity == "warning"
        assert len(noise_schedule(steps, strength=least).sigmas) == 2


@pytest.mark.parametrize(("step", "near"), [(30, 24), (25, 24), (5, 6), (1, 6)])
def test_a_cut_outside_the_walk_is_refused_with_the_nearest_inside(step: int, near: int) -> None:
    (found,) = split(5, 25, step)

    assert found.message == f"`step` is {step}, but the walk goes from 5 to 25"
    assert [edit.value for edit in found.fixes[0].edits] == [near]
    assert split(5, 25, near) == []


def test_a_walk_of_one_step_cannot_be_cut() -> None:
    (found,) = split(0, 1, 1)

    assert [fix.edits for fix in found.fixes] == [()]
