import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.ldm.clip_tokenizer import BEGIN, END, ClipTokenizer
from nodes.ldm.prompt import GRAMMARS
from nodes.ldm.prompt_chunks import MAX_CHUNKS, Chunk, chunks, empty_chunk
from nodes.ldm.text_config import CLIP_END, TextEncoderConfig

TOKENIZER = ClipTokenizer()
CLIP = TextEncoderConfig(vocab_size=49408, width=8, heads=2, pad=CLIP_END, tokenizer="clip")
OPEN_CLIP = TextEncoderConfig(vocab_size=49408, width=8, heads=2, pad=0, tokenizer="clip")


def cut(prompt: str, config: TextEncoderConfig = CLIP) -> list[Chunk]:
    return chunks(prompt, "comfyui", TOKENIZER, config)


def inside(chunk: Chunk) -> list[int]:
    """The tokens of the prompt, between beginning and first end."""
    return list(chunk.ids[1 : chunk.ids.index(END)])


def test_a_short_prompt_is_one_chunk_padded_as_the_model_was_trained() -> None:
    cat = TOKENIZER.ids("a cat")

    assert cut("a cat") == [Chunk((BEGIN, *cat, *[END] * 74), (1.0,) * 77)]
    assert cut("a cat", OPEN_CLIP)[0].ids == (BEGIN, *cat, END, *[0] * 73)
    assert cut("") == [empty_chunk(CLIP)]


@pytest.mark.parametrize(("tokens", "count"), [(74, 1), (75, 1), (76, 2), (150, 2), (151, 3)])
def test_a_long_prompt_goes_on_in_further_chunks(tokens: int, count: int) -> None:
    read = cut("cat " * tokens)

    assert len(read) == count
    assert all(len(chunk.ids) == len(chunk.weights) == 77 for chunk in read)
    assert [i for chunk in read for i in inside(chunk)] == TOKENIZER.ids("cat") * tokens


def test_only_a_long_passage_is_cut_at_the_end_of_a_chunk() -> None:
    short, long = "(red hat:1.3)", f"({'red ' * 8}:1.3)"

    assert [len(inside(chunk)) for chunk in cut("cat " * 74 + short)] == [74, 2]
    assert [len(inside(chunk)) for chunk in cut("cat " * 74 + long)] == [75, 7]


def test_weights_lie_on_the_tokens_they_were_written_for() -> None:
    (chunk,) = cut("a (red:1.5) cat")

    assert chunk.weights[:5] == (1, 1, 1.5, 1, 1)
    assert set(chunk.weights[5:]) == {1.0}


def test_break_begins_a_chunk_where_it_is_known() -> None:
    read = chunks("a cat BREAK BREAK a hat", "a1111", TOKENIZER, CLIP)

    assert [inside(chunk) for chunk in read] == [TOKENIZER.ids("a cat"), [], TOKENIZER.ids("a hat")]
    assert len(cut("a cat BREAK a hat")) == 1


@pytest.mark.parametrize("prompt", ["cat " * 75 * (MAX_CHUNKS + 1), "a" * 100_001])
def test_what_no_one_means_is_refused(prompt: str) -> None:
    with pytest.raises(ValueError, match="; shorten it"):
        cut(prompt)


@given(st.text(max_size=300), st.sampled_from(list(GRAMMARS)), st.sampled_from([CLIP, OPEN_CLIP]))
def test_every_chunk_begins_ends_and_is_full(
    prompt: str, weights: str, config: TextEncoderConfig
) -> None:
    for chunk in chunks(prompt, weights, TOKENIZER, config):  # type: ignore[arg-type]
        assert len(chunk.ids) == len(chunk.weights) == 77
        assert chunk.ids[0] == BEGIN
        assert END in chunk.ids[1:]
