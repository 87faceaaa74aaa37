"""A walk that stops and goes on is the walk that never stopped, bit by bit."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from nodes.ldm.noise_conventions import CONVENTIONS
from nodes.ldm.prepared import Context
from nodes.ldm.sampler_facts import SAMPLER_FACTS
from nodes.ldm.samplers import SAMPLERS
from nodes.ldm.sampling import State, Steering, Walk, read_state, sample, state_bytes
from nodes.ldm.schedule import NoiseSchedule
from nodes.ldm.spacings import trailing

TABLE = NoiseSchedule("scaled_linear", 0.0015, 0.0195)
STEPS = 12
quick = settings(max_examples=STEPS - 1, deadline=None)
samplers = pytest.mark.parametrize("sampler", SAMPLERS)
MULTISTEP = ["dpmpp_2m", "dpmpp_2m_sde", "uni_pc", "uni_pc_3", "lms", "plms"]


class Network:
    """Predicts smoothly from everything it is given, and counts how often it is asked."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(
        self,
        x: Tensor,
        timesteps: Tensor,
        context: Context | None = None,
        y: Tensor | None = None,
    ) -> Tensor:
        self.calls += 1
        assert isinstance(context, Tensor)
        level = timesteps.to(x).reshape(-1, 1, 1, 1) / 1000
        return 0.7 * x + 0.3 * torch.tanh(2 * x.roll(1, dims=-1) + level) + 0.01 * context.mean()


def walk(sampler: str, convention: str = "latentgraph") -> Walk:
    sigmas = tuple(trailing(TABLE, STEPS).tolist())
    return Walk(TABLE, "eps", sigmas, sampler=sampler, eta=0.5, seed=4, noise=convention)


def run(way: Walk, state: State | None = None, network: Network | None = None) -> list[bytes]:
    """The state after each step."""
    steering = Steering(cond=torch.ones(1, 3, 4))
    latent = torch.zeros(2, 3, 4, 5)
    return [
        state_bytes(step) for step in sample(network or Network(), latent, steering, way, state)
    ]


@pytest.mark.parametrize("convention", CONVENTIONS)
@samplers
@quick
@given(done=st.integers(1, STEPS - 1))
def test_from_any_step_on_the_rest_is_the_same_bit_by_bit(
    sampler: str, convention: str, done: int
) -> None:
    whole = run(walk(sampler, convention))
    network = Network()
    rest = run(walk(sampler, convention), read_state((done, whole[done - 1])), network)

    assert rest == whole[done:]
    assert network.calls <= SAMPLER_FACTS[sampler].evaluations * (STEPS - done)


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("sampler", [name for name in SAMPLERS if name not in MULTISTEP])
@quick
@given(step=st.integers(1, STEPS - 1))
def test_two_half_walks_are_the_whole_one(sampler: str, convention: str, step: int) -> None:
    way = walk(sampler, convention)
    first = run(replace(way, sigmas=way.sigmas[: step + 1]))
    half = read_state((step, first[-1]))
    assert half
    steps = sample(Network(), half.x, Steering(cond=torch.ones(1, 3, 4)), replace(way, first=step))

    assert [state_bytes(found) for found in steps] == run(way)[step:]


@samplers
@quick
@given(cut=st.integers(2, STEPS))
def test_a_shorter_walk_begins_like_the_longer_as_far_as_it_sees_the_same_levels(
    sampler: str, cut: int
) -> None:
    """What lets walks share what they have computed: no step looks further than it says."""
    whole = walk(sampler)
    shorter = replace(whole, sigmas=whole.sigmas[:cut])
    alike = cut - 1 - SAMPLER_FACTS[sampler].ahead

    assert run(shorter)[:alike] == run(whole)[:alike]


@pytest.mark.parametrize("sampler", MULTISTEP)
def test_a_multistep_sampler_that_forgets_its_history_goes_another_way(sampler: str) -> None:
    whole = run(walk(sampler))
    left = read_state((6, whole[5]))
    assert left
    assert left.history

    assert run(walk(sampler), replace(left, history=())) != whole[6:]


def test_a_walk_of_more_steps_begins_alike_only_if_its_levels_do() -> None:
    longer = walk("ddim")
    shorter = replace(longer, sigmas=(*longer.sigmas[:8], 0.0))

    assert run(shorter)[:7] == run(longer)[:7]
    assert run(shorter)[7] != run(longer)[7]


def test_a_walk_from_no_signal_needs_a_network_that_does_not_predict_eps() -> None:
    table = NoiseSchedule("scaled_linear", 0.00085, 0.012, zero_terminal_snr=True)
    way = Walk(table, "eps", tuple(trailing(table, 3).tolist()))

    with pytest.raises(ValueError, match="predicts eps, expected v or x0"):
        run(way)
    assert len(run(replace(way, prediction="v"))) == 3


@samplers
@pytest.mark.parametrize("prediction", ["v", "x0"])
def test_from_no_signal_on_every_sampler_stays_finite(sampler: str, prediction: str) -> None:
    table = NoiseSchedule("scaled_linear", 0.00085, 0.012, zero_terminal_snr=True)
    way = replace(walk(sampler), table=table, prediction=prediction)
    way = replace(way, sigmas=tuple(trailing(table, 6).tolist()))
    last = read_state((6, run(way)[-1]))
    assert last

    assert way.sigmas[0] > 4000
    assert float(last.x.abs().max()) < 50


def test_the_vector_of_each_half_reaches_the_network_as_y() -> None:
    seen: list[Tensor | None] = []

    def network(
        x: Tensor, timesteps: Tensor, context: Context | None = None, y: Tensor | None = None
    ) -> Tensor:
        seen.append(y)
        return x

    tokens, ones, zeros = torch.ones(1, 3, 4), torch.ones(1, 7), torch.zeros(1, 7)
    steering = Steering(tokens, tokens, guidance=2.0, vector=ones, uncond_vector=zeros)
    list(sample(network, torch.zeros(2, 3, 4, 5), steering, walk("euler")))

    assert seen[0] is not None
    assert seen[0].tolist() == [[0.0] * 7] * 2 + [[1.0] * 7] * 2
