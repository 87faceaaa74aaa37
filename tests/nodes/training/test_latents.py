import pytest
import torch

from nodes.ldm.autoencoder import Autoencoder
from nodes.ldm.config import AutoencoderConfig
from nodes.training.holes import sample_example
from nodes.training.latents import cut_out, encode_examples, encode_mean, latent_mask
from nodes.training.optimizer import seeded
from nodes.training.words import MAX_TOKENS, TOKENIZER

TINY = AutoencoderConfig(
    ch=8,
    ch_mult=(1, 1, 1, 1),
    num_res_blocks=1,
    mid_attention=False,
    norm_groups=8,
)


@pytest.fixture(scope="module")
def autoencoder() -> Autoencoder:
    with seeded(0):
        return Autoencoder(TINY).eval()


def test_a_hole_is_grey_and_the_rest_stays() -> None:
    x = torch.rand(2, 3, 4, 4) * 2 - 1
    mask = torch.zeros(2, 1, 4, 4)
    mask[..., :2] = 1
    cut = cut_out(x, mask)

    assert cut[..., :2].count_nonzero() == 0
    assert torch.equal(cut[..., 2:], x[..., 2:])


def test_a_latent_cell_is_a_hole_when_its_first_pixel_is() -> None:
    mask = torch.zeros(1, 1, 16, 24)
    mask[..., 0, 8] = 1
    mask[..., 15, 23] = 1

    assert latent_mask(mask, torch.empty(1, 4, 2, 3))[0, 0].tolist() == [[0, 1, 0], [0, 0, 0]]


def test_the_encoding_is_the_scaled_mean_without_chance(autoencoder: Autoencoder) -> None:
    x = torch.rand(1, 3, 16, 16) * 2 - 1
    mean, _ = autoencoder.posterior(autoencoder.encode(x))
    z = encode_mean(autoencoder, x, 0.5)

    assert torch.equal(z, (mean * 0.5).detach())
    assert not z.requires_grad


def test_examples_are_encoded_in_the_order_of_their_seeds(autoencoder: Autoencoder) -> None:
    reported: list[tuple[int, int]] = []
    pool = encode_examples(
        autoencoder, 0.5, TOKENIZER, range(7, 10), 32, lambda *done: reported.append(done)
    )
    examples = [sample_example(seed, 32) for seed in range(7, 10)]

    assert pool.latent.shape == pool.masked.shape == (3, 4, 4, 4)
    assert pool.mask.shape == (3, 1, 4, 4)
    assert pool.tokens.shape == (3, MAX_TOKENS)
    assert {pool.latent.dtype, pool.masked.dtype, pool.mask.dtype} == {torch.float16}
    assert torch.equal(pool.tokens, TOKENIZER([example.prompt for example in examples]))
    masks = torch.stack([example.mask for example in examples])
    assert torch.equal(pool.mask.float(), latent_mask(masks, pool.latent))
    assert reported == [(3, 3)]


def test_a_hole_over_everything_leaves_no_trace_of_the_picture(autoencoder: Autoencoder) -> None:
    whole = [seed for seed in range(60) if bool((sample_example(seed, 32).mask == 1).all())][:2]
    pool = encode_examples(autoencoder, 1.0, TOKENIZER, whole, 32)

    assert torch.equal(pool.masked[0], pool.masked[1])
    assert not torch.equal(pool.latent[0], pool.latent[1])
