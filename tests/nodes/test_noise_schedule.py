import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.node import Facts, Inference
from nodes.ldm.config import ScheduleConfig, UNetConfig
from nodes.load import unet_facts
from nodes.noise_schedule import noise_schedule

FULL = {"kind": "scaled_linear", "beta_start": 0.0015, "beta_end": 0.0195, "timesteps": 1000}
spacings = st.sampled_from(["leading", "linspace", "trailing", "karras"])
kinds = st.sampled_from(["scaled_linear", "linear", "cosine", "sqrt"])


def facts(**settings: object) -> Facts | None:
    assert noise_schedule.infer is not None
    found = noise_schedule.infer(Inference({"steps": 25, **FULL, **settings}, {}))
    return None if found is None else found["schedule"]  # type: ignore[return-value]


@given(st.integers(1, 40), spacings, kinds)
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


@given(st.integers(1, 40), st.floats(0, 1))
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

    assert facts() == {"betas": "scaled_linear 0.0015..0.0195 over 1000"}
    assert facts() == {"betas": unet_facts(unet, ScheduleConfig())["betas"]}
    assert facts(kind="linear") != facts()
    assert facts(timesteps=500) != facts()


@pytest.mark.parametrize("name", FULL)
def test_linked_betas_leave_the_type_open(name: str) -> None:
    assert facts(**{name: None}) is None


def test_what_makes_no_schedule_is_refused_before_anything_runs() -> None:
    with pytest.raises(ValueError, match="30 steps do not fit into 20 timesteps; lower"):
        facts(steps=30, timesteps=20)
    with pytest.raises(ValueError, match="betas rise; swap them"):
        facts(beta_start=0.02, beta_end=0.01)
