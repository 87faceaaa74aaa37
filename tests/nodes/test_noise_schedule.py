import math
from itertools import pairwise

import pytest
from hypothesis import given as given_by
from hypothesis import strategies as st

from engine.node import Facts, Finding, Inference
from nodes.ldm.config import ScheduleConfig, UNetConfig
from nodes.model_facts import unet_facts
from nodes.noise_schedule import noise_schedule, split_schedule

FULL = {"kind": "scaled_linear", "beta_start": 0.0015, "beta_end": 0.0195, "timesteps": 1000}
spacings = st.sampled_from(["leading", "linspace", "trailing", "karras"])
kinds = st.sampled_from(["scaled_linear", "linear", "cosine", "sqrt"])


def given(**settings: object) -> Inference:
    return Inference({"steps": 25, "strength": 1.0, **FULL, **settings}, {})


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

    assert len(sigmas) == steps + 1
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


@pytest.mark.parametrize("name", FULL)
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
