"""A walk that stops and goes on is the walk that never stopped, bit by bit."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from nodes.ldm.samplers import SAMPLERS
from nodes.ldm.sampling import State, Steering, Walk, read_state, sample, state_bytes
from nodes.ldm.schedule import NoiseSchedule, trailing

TABLE = NoiseSchedule("scaled_linear", 0.0015, 0.0195)
STEPS = 12
quick = settings(max_examples=40, deadline=None)
samplers = pytest.mark.parametrize("sampler", SAMPLERS)


class Network:
    """Predicts smoothly from everything it is given, and counts how often it is asked."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(
        self, x: Tensor, timestep: Tensor, context: Tensor, concat: Tensor | None = None
    ) -> Tensor:
        self.calls += 1
        level = timestep.to(x).reshape(-1, 1, 1, 1) / 1000
        return 0.7 * x + 0.3 * torch.tanh(2 * x.roll(1, dims=-1) + level) + 0.01 * context.mean()


def walk(sampler: str, steps: int = STEPS) -> Walk:
    sigmas = tuple(trailing(TABLE, steps).tolist())
    return Walk(TABLE, "eps", sigmas, sampler=sampler, eta=0.5, seed=4)


def run(way: Walk, state: State | None = None, network: Network | None = None) -> list[bytes]:
    """The state after each step."""
    steering = Steering(cond=torch.ones(1, 3, 4))
    latent = torch.zeros(2, 3, 4, 5)
    return [
        state_bytes(step) for step in sample(network or Network(), latent, steering, way, state)
    ]


@samplers
@quick
@given(done=st.integers(1, STEPS - 1))
def test_from_any_step_on_the_rest_is_the_same_bit_by_bit(sampler: str, done: int) -> None:
    whole = run(walk(sampler))
    network = Network()
    rest = run(walk(sampler), read_state((done, whole[done - 1])), network)

    assert rest == whole[done:]
    assert network.calls == STEPS - done


@pytest.mark.parametrize("sampler", ["ddim", "ddpm", "euler"])
@quick
@given(step=st.integers(1, STEPS - 1))
def test_two_half_walks_are_the_whole_one(sampler: str, step: int) -> None:
    way = walk(sampler)
    first = run(replace(way, sigmas=way.sigmas[: step + 1]))
    half = read_state((step, first[-1]))
    assert half
    steps = sample(Network(), half.x, Steering(cond=torch.ones(1, 3, 4)), replace(way, first=step))

    assert [state_bytes(found) for found in steps] == run(way)[step:]


def test_a_multistep_sampler_that_forgets_its_history_goes_another_way() -> None:
    whole = run(walk("dpmpp_2m"))
    left = read_state((6, whole[5]))
    assert left
    assert left.history

    assert run(walk("dpmpp_2m"), replace(left, history=())) != whole[6:]


def test_a_walk_of_more_steps_begins_alike_only_if_its_levels_do() -> None:
    longer = walk("ddim")
    shorter = replace(longer, sigmas=(*longer.sigmas[:8], 0.0))

    assert run(shorter)[:7] == run(longer)[:7]
    assert run(shorter)[7] != run(longer)[7]
