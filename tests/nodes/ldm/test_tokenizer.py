import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nodes.ldm.text_config import TextEncoderConfig
from nodes.ldm.tokenizer import PAD, UNKNOWN, WordTokenizer

TOKENIZER = WordTokenizer(words=("a", "red", "sphere", "on"), max_tokens=5)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("a red sphere", [2, 3, 4, 0, 0]),
        ("A RED Sphere!", [2, 3, 4, 0, 0]),
        ("red,sphere;on\n2 a_a", [3, 4, 5, 2, 2]),
        ("a green sphere", [2, 1, 4, 0, 0]),
        ("", [0, 0, 0, 0, 0]),
        ("a a a a a red", [2, 2, 2, 2, 2]),
    ],
)
def test_text_becomes_the_ids_of_its_words(text: str, ids: list[int]) -> None:
    assert TOKENIZER.ids(text) == ids


def test_words_outside_the_vocabulary_are_told_in_order() -> None:
    assert TOKENIZER.unknown("A blue sphere on Ärger") == ["blue", "ärger"]


def test_words_that_do_not_fit_are_told() -> None:
    assert TOKENIZER.unread("a red sphere on a red sphere") == ["red", "sphere"]
    assert TOKENIZER.unread("a red sphere on a") == []


def test_several_texts_become_one_tensor() -> None:
    batch = TOKENIZER(["a", "red sphere"])

    assert batch.dtype == torch.int64
    assert batch.tolist() == [[2, 0, 0, 0, 0], [3, 4, 0, 0, 0]]


@given(st.text())
def test_any_text_becomes_max_tokens_ids_inside_the_vocabulary(text: str) -> None:
    ids = TOKENIZER.ids(text)

    assert len(ids) == TOKENIZER.max_tokens
    assert all(PAD <= i < len(TOKENIZER.words) + 2 for i in ids)
    assert (UNKNOWN in ids) == any(w not in TOKENIZER.words for w in TOKENIZER.split(text)[:5])


def test_the_tokenizer_of_a_config_has_its_words_and_length() -> None:
    config = TextEncoderConfig(vocab_size=4, words=("red", "blue"), max_tokens=3)

    assert WordTokenizer.of(config).ids("blue red") == [3, 2, 0]
