from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from nodes.ldm.timesteps import TIMESTEPS, beta, beta_cdf, ddim_uniform, lcm, simple, steps_of

names = st.sampled_from(sorted(TIMESTEPS))
tables = st.integers(2, 2000)


@settings(deadline=None)
@given(names, tables, st.data())
def test_timesteps_fall_within_the_table(name: str, timesteps: int, data: st.DataObject) -> None:
    steps = data.draw(st.integers(1, timesteps))
    found = TIMESTEPS[name](timesteps, steps)

    assert found == sorted(set(found), reverse=True)
    assert found[0] < timesteps
    assert found[-1] >= 0
    assert len(found) == steps_of(name, timesteps, steps)


@pytest.mark.parametrize("a", [0.3, 0.6, 1.0])
def test_the_beta_distribution_is_scipys(a: float) -> None:
    places = np.linspace(1e-6, 1 - 1e-6, 501)
    ours = [beta_cdf(float(x), a) for x in places]

    assert np.allclose(ours, special.betainc(a, a, places), rtol=1e-10, atol=1e-12)


@settings(deadline=None)
@given(tables, st.data())
def test_beta_picks_the_rounded_quantiles(timesteps: int, data: st.DataObject) -> None:
    steps = data.draw(st.integers(1, timesteps))
    quantiles = stats.beta.ppf(1 - np.linspace(0, 1, steps, endpoint=False), 0.6, 0.6)
    rounded = np.rint(quantiles * (timesteps - 1)).astype(int).tolist()

    assert beta(timesteps, steps) == sorted(set(rounded), reverse=True)


def test_where_levels_meet_or_a_stride_does_not_fit_the_real_number_of_steps_is_told() -> None:
    assert steps_of("beta", 1000, 25) == 25
    assert steps_of("beta", 1000, 300) == len(beta(1000, 300)) < 300
    assert steps_of("ddim_uniform", 1000, 30) == 31
    assert steps_of("lcm", 1000, 60) == 50
    assert steps_of("karras", 1000, 300) == 300
    assert steps_of("beta", 1000, 2000) == 2000  # refused elsewhere


def test_ddim_uniform_is_ldms_grid() -> None:
    assert ddim_uniform(1000, 20) == [1 + 50 * i for i in range(20)][::-1]


def test_simple_begins_at_the_top() -> None:
    assert simple(1000, 3) == [999, 666, 333]


@pytest.mark.parametrize("steps", [1, 2, 4, 7, 8, 50])
def test_lcm_picks_the_levels_of_the_reference(steps: int) -> None:
    theirs = import_module("diffusers").LCMScheduler()
    theirs.set_timesteps(steps)

    assert lcm(1000, steps) == theirs.timesteps.tolist()
