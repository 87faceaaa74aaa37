import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nodes.ldm.noise import noise
from nodes.ldm.noise_conventions import CONVENTIONS, Drawn

SHAPE = (2, 4, 5, 3)
LIKE = torch.zeros(SHAPE)
seeds = st.integers(0, 2**53 - 1)


def drawn_in_order(seed: int, count: int) -> list[torch.Tensor]:
    generator = torch.Generator("cpu").manual_seed(seed)
    return [torch.randn(SHAPE, generator=generator) for _ in range(count)]


@given(seeds)
def test_comfyui_starts_at_the_batch_after_manual_seed_and_steps_from_the_next_seed(
    seed: int,
) -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        start = torch.randn(SHAPE)
    source = CONVENTIONS["comfyui"].steps(seed, LIKE, 1)

    assert torch.equal(CONVENTIONS["comfyui"].start(seed, SHAPE), start)
    assert all(
        torch.equal(source(index), drawn) for index, drawn in enumerate(drawn_in_order(seed + 1, 4))
    )


@given(seeds)
def test_diffusers_draws_start_and_steps_from_one_generator(seed: int) -> None:
    start, *steps = drawn_in_order(seed, 5)
    source = CONVENTIONS["diffusers"].steps(seed, LIKE, 1)

    assert torch.equal(CONVENTIONS["diffusers"].start(seed, SHAPE), start)
    assert all(torch.equal(source(index), drawn) for index, drawn in enumerate(steps))


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 1)), min_size=1, max_size=20))
def test_in_whichever_order_they_are_asked_for_the_draws_are_the_same(
    asked: list[tuple[int, int]],
) -> None:
    source = CONVENTIONS["diffusers"].steps(3, LIKE, 2)
    drawn = drawn_in_order(3, 63)

    assert all(
        torch.equal(source(index, draw), drawn[1 + 2 * index + draw]) for index, draw in asked
    )


def test_ours_is_the_noise_of_each_picture() -> None:
    ours = CONVENTIONS["latentgraph"]

    assert torch.equal(ours.start(8, SHAPE), noise(8, SHAPE))
    assert torch.equal(ours.steps(8, LIKE, 1)(2), noise(8, SHAPE, 3))


@pytest.mark.parametrize("name", CONVENTIONS)
def test_noise_comes_in_the_type_of_the_picture_and_leaves_the_global_generator(name: str) -> None:
    before = torch.get_rng_state()
    drawn = CONVENTIONS[name].steps(1, LIKE.double(), 1)(0)

    assert drawn.dtype == torch.float64
    assert torch.equal(torch.get_rng_state(), before)


def test_a_draw_asked_for_twice_is_not_drawn_on() -> None:
    drawn = Drawn(5, SHAPE)

    assert torch.equal(drawn(3), drawn(3))
    assert torch.equal(drawn(4), drawn_in_order(5, 5)[4])
