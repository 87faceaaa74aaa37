"""Prompts to conditioning, against what is written out by hand from the networks.

The networks themselves are held to transformers in `test_text_encoder.py` and `test_open_clip.py`.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from nodes.ldm.bert import BertEncoder
from nodes.ldm.clip_tokenizer import ClipTokenizer
from nodes.ldm.emphasis import keeping_mean
from nodes.ldm.prompt import Weights
from nodes.ldm.prompt_chunks import chunks, empty_chunk
from nodes.ldm.prompt_reader import BertReader, ClipReader, PromptSettings, WordReader
from nodes.ldm.text_config import BertConfig, TextEncoderConfig
from nodes.ldm.text_encoder import TextEncoder
from nodes.ldm.tokenizer import WordTokenizer
from nodes.ldm.wordpiece import SPECIAL, WordPieceTokenizer

CPU = torch.device("cpu")
L = TextEncoderConfig(
    vocab_size=49408, width=16, layers=2, heads=2, causal=True, tokenizer="clip", pad=49407
)
G = replace(L, width=24, pad=0, skip_layers=1, final_norm=False, projection=20)
PLAIN = PromptSettings()


@pytest.fixture
def xl(randomize: Callable[[nn.Module], None]) -> ClipReader:
    networks = (TextEncoder(L).eval(), TextEncoder(G).eval())
    for network in networks:
        randomize(network)
        network.requires_grad_(False)
    return ClipReader(networks, ClipTokenizer(), CPU)


@pytest.fixture
def one(xl: ClipReader) -> ClipReader:
    return replace(xl, networks=xl.networks[:1])


def by_hand(reader: ClipReader, prompt: str) -> Tensor:
    """The first network's tokens for an unweighted prompt of one chunk, 77 D."""
    (chunk,) = chunks(prompt, "none", reader.tokenizer, reader.networks[0].config)
    out: Tensor = reader.networks[0](torch.tensor([chunk.ids]))[0]
    return out


def test_a_prompt_is_what_the_network_makes_of_its_chunk(one: ClipReader) -> None:
    encoded = one.encode("a cat", PLAIN)

    assert encoded.context.shape == (1, 77, 16)
    assert encoded.context.dtype == torch.float32
    assert encoded.pooled is None
    assert torch.allclose(encoded.context[0], by_hand(one, "a cat"), atol=1e-6)


def test_a_long_prompt_is_its_chunks_in_a_row(one: ClipReader) -> None:
    context = one.encode("cat " * 75 + "hat", PLAIN).context

    assert context.shape == (1, 2 * 77, 16)
    assert torch.allclose(context[0, :77], by_hand(one, "cat " * 75), atol=1e-6)
    assert torch.allclose(context[0, 77:], by_hand(one, "hat"), atol=1e-6)


def test_many_chunks_are_worked_on_in_parts_without_a_difference(one: ClipReader) -> None:
    context = one.encode("cat " * 75 * 20, PLAIN).context

    assert context.shape == (1, 20 * 77, 16)
    assert torch.allclose(context[0, -77:], context[0, :77], atol=1e-5)


def test_a_weight_moves_a_token_from_the_empty_prompts(one: ClipReader) -> None:
    plain, empty = by_hand(one, "a red cat"), by_hand(one, "")
    context = one.encode("a (red:1.5) cat", PLAIN).context[0]
    expected = plain.clone()
    expected[2] = empty[2] + 1.5 * (plain[2] - empty[2])

    assert torch.allclose(context, expected, atol=1e-6)
    assert not torch.allclose(context, plain, atol=1e-3)


def test_the_web_uis_weight_multiplies_and_keeps_the_mean(one: ClipReader) -> None:
    plain = by_hand(one, "a red cat")
    context = one.encode("a (red:1.5) cat", PromptSettings("a1111")).context[0]
    multiplied = plain.clone()
    multiplied[2] *= 1.5

    assert torch.allclose(context.mean(), plain.mean(), atol=1e-6)
    assert torch.allclose(context, multiplied * plain.mean() / multiplied.mean(), atol=1e-5)


@pytest.mark.parametrize("weights", ["comfyui", "a1111", "none"])
def test_a_prompt_without_weights_is_the_same_in_all(one: ClipReader, weights: Weights) -> None:
    context = one.encode("a red cat", PromptSettings(weights)).context

    assert torch.equal(context, one.encode("a red cat", PLAIN).context)


def test_brackets_are_text_when_no_weights_are_read(one: ClipReader) -> None:
    context = one.encode("a (red:1.5) cat", PromptSettings("none")).context[0]

    assert torch.allclose(context, by_hand(one, "a (red:1.5) cat"), atol=1e-6)


def test_a_mean_of_nothing_leaves_numbers() -> None:
    weights = torch.full((1, 2), 0.0)

    assert keeping_mean(torch.ones(1, 2, 3), torch.zeros(2, 3), weights).isfinite().all()


def test_two_encoders_stand_side_by_side_and_the_last_gives_the_vector(xl: ClipReader) -> None:
    encoded = xl.encode("a (red:1.2) cat", PLAIN)
    alone = [replace(xl, networks=(n,)).encode("a (red:1.2) cat", PLAIN) for n in xl.networks]

    assert encoded.context.shape == (1, 77, 16 + 24)
    assert torch.equal(encoded.context, torch.cat([part.context for part in alone], dim=-1))
    assert encoded.pooled is not None
    assert encoded.pooled.shape == (1, 20)


def test_the_vector_is_the_first_chunks_and_unweighted(xl: ClipReader) -> None:
    config = xl.networks[1].config
    (first,) = chunks("cat " * 75, "none", xl.tokenizer, config)
    expected = xl.networks[1].encode(torch.tensor([first.ids])).pooled
    for prompt in ("cat " * 75 + "hat", "(" + "cat " * 75 + ":1.3)"):
        pooled = xl.encode(prompt, PLAIN).pooled
        assert expected is not None
        assert pooled is not None
        assert torch.allclose(pooled, expected, atol=1e-6)


def test_layers_are_left_out_when_asked(one: ClipReader) -> None:
    (chunk,) = [empty_chunk(L)]
    expected = one.networks[0].encode(torch.tensor([chunk.ids]), 1).context

    assert torch.allclose(
        one.encode("", PromptSettings(skip_layers=1)).context, expected, atol=1e-6
    )
    with pytest.raises(ValueError, match="skip_layers is 2, but the text encoder has 2 layers"):
        one.encode("", PromptSettings(skip_layers=2))


def test_a_small_vocabulary_reads_as_it_always_did(randomize: Callable[[nn.Module], None]) -> None:
    config = TextEncoderConfig(
        vocab_size=4, width=8, layers=1, heads=2, max_tokens=3, words=("a", "cat")
    )
    network = TextEncoder(config).eval().requires_grad_(False)
    randomize(network)
    reader = WordReader(network, WordTokenizer.of(config), CPU)

    assert torch.equal(reader.encode("a cat", PLAIN).context, network(torch.tensor([[2, 3, 0]])))
    with pytest.raises(ValueError, match="does not know 'dog'"):
        reader.encode("a dog", PLAIN)


def test_the_papers_text_model_reads_word_pieces(randomize: Callable[[nn.Module], None]) -> None:
    tokens = [f"[unused{i}]" for i in range(103)] + ["cat"]
    for token, place in SPECIAL.items():
        tokens[place] = token
    config = BertConfig(vocab_size=104, width=8, layers=1, heads=2, head_channels=4, max_tokens=5)
    network = BertEncoder(config).eval().requires_grad_(False)
    randomize(network)
    context = (
        BertReader(network, WordPieceTokenizer(tuple(tokens)), CPU).encode("Cat", PLAIN).context
    )

    assert torch.equal(context, network(torch.tensor([[101, 103, 102, 0, 0]])))
