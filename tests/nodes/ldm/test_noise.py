import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nodes.ldm.noise import SEED_MAX, noise, step_noise

seeds = st.integers(0, SEED_MAX - 4)
streams = st.integers(0, 2000)
image_shapes = st.lists(st.integers(1, 5), min_size=1, max_size=3)


@given(seed=seeds, k=st.integers(0, 4), stream=streams, image=image_shapes)
def test_image_k_of_a_batch_is_image_0_of_seed_plus_k(
    seed: int, k: int, stream: int, image: list[int]
) -> None:
    batch = noise(seed, [5, *image], stream)

    assert torch.equal(noise(seed + k, [1, *image], stream)[0], batch[k])


@given(seed=seeds, stream=streams, image=image_shapes)
def test_drawing_again_gives_the_same_float32_numbers(
    seed: int, stream: int, image: list[int]
) -> None:
    first = noise(seed, [2, *image], stream)

    assert first.dtype == torch.float32
    assert first.shape == (2, *image)
    assert bool(first.isfinite().all())
    assert torch.equal(noise(seed, [2, *image], stream), first)


@given(key=st.tuples(seeds, streams), other=st.tuples(seeds, streams))
def test_no_two_seeds_or_streams_share_their_numbers(
    key: tuple[int, int], other: tuple[int, int]
) -> None:
    same = torch.equal(noise(key[0], [1, 8], key[1]), noise(other[0], [1, 8], other[1]))

    assert same == (key == other)


def test_the_next_image_never_repeats_the_next_stream() -> None:
    draws = {tuple(noise(s, [1, 4], t).flatten().tolist()) for s in range(30) for t in range(30)}

    assert len(draws) == 900


def test_seeds_that_agree_in_their_low_32_bits_differ() -> None:
    assert not torch.equal(noise(5, [1, 16]), noise(5 + 2**32, [1, 16]))


def test_the_numbers_of_a_seed_never_change() -> None:
    recorded = torch.tensor(
        [0.63152373, -0.43056056, 0.57935184, 0.68770325, 0.65152049, 0.0046326]
    )

    assert torch.allclose(noise(2023, [1, 6], stream=3)[0], recorded, rtol=1e-6, atol=0)


def test_the_numbers_are_standard_normal_and_uncorrelated_across_streams() -> None:
    first, second = noise(1, [1, 400_000]).double(), noise(1, [1, 400_000], stream=1).double()

    assert abs(first.mean()) < 0.008  # five standard errors, here and below
    assert abs(first.var() - 1) < 0.012
    assert abs((first**3).mean()) < 0.031
    assert abs((first**4).mean() - 3) < 0.078
    assert abs((first * second).mean()) < 0.008
    assert abs((first[0, 1:] * first[0, :-1]).mean()) < 0.008


def test_the_global_generator_is_left_alone() -> None:
    before = torch.get_rng_state()
    noise(7, [2, 4, 8, 8])

    assert torch.equal(torch.get_rng_state(), before)


def test_step_i_reads_stream_one_plus_i_in_the_type_of_the_picture() -> None:
    like = torch.zeros(2, 4, 3, 3, dtype=torch.float64)
    drawn = step_noise(9, like)(4)

    assert drawn.dtype == torch.float64
    assert torch.equal(drawn, noise(9, like.shape, 5).double())


def test_every_draw_of_a_step_has_its_own_stream() -> None:
    source = step_noise(9, torch.zeros(1, 8))
    draws = {tuple(source(i, draw)[0].tolist()) for i in range(20) for draw in range(3)}

    assert len(draws) == 60
    assert torch.equal(source(4, 1), noise(9, [1, 8], 5 + 2**32))


@pytest.mark.parametrize(("seed", "batch"), [(-1, 1), (SEED_MAX + 1, 1), (SEED_MAX, 2)])
def test_a_seed_out_of_range_is_refused_with_the_range(seed: int, batch: int) -> None:
    with pytest.raises(ValueError, match=rf"got seed {seed} for {batch} .* 0 to {SEED_MAX}"):
        noise(seed, [batch, 4])


def test_the_last_seed_is_in_range() -> None:
    assert noise(SEED_MAX - 1, [2, 4]).shape == (2, 4)


def test_a_negative_stream_and_an_empty_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="got stream -1"):
        noise(0, [1, 4], stream=-1)
    with pytest.raises(ValueError, match=r"got shape \(1, 0\)"):
        noise(0, [1, 0])
