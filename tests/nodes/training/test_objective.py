import torch
from hypothesis import given
from hypothesis import strategies as st

from nodes.training.objective import Objective

T = 1000


def drawn(lean: float, count: int = 4000, total: int = T) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return Objective(lean=lean).timesteps(total, count, generator)


@given(lean=st.floats(0.25, 4), total=st.integers(1, 10_000))
def test_timesteps_are_whole_and_within_the_schedule(lean: float, total: int) -> None:
    timesteps = drawn(lean, 64, total)

    assert timesteps.dtype == torch.int64
    assert int(timesteps.min()) >= 0
    assert int(timesteps.max()) < total


@given(total=st.integers(1, 10_000))
def test_without_a_lean_they_are_torchs_own_uniform_ones(total: int) -> None:
    uniform = torch.randint(0, total, (64,), generator=torch.Generator().manual_seed(0))

    assert torch.equal(drawn(1.0, 64, total), uniform)


def test_a_lean_of_two_puts_half_of_them_into_the_lowest_quarter() -> None:
    assert abs(float((drawn(2.0) < T / 4).float().mean()) - 0.5) < 0.03
    assert abs(float((drawn(0.5) < T / 4).float().mean()) - 1 / 16) < 0.03
