"""CLIP's tokens against transformers' CLIPTokenizer, whose ids of the corpus are recorded.

`python -m tests.nodes.ldm.record_clip_ids` wrote `clip_ids.json`; it tells where to get the
vocabulary that needs.
"""

import json
import re
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nodes.ldm.clip_tokenizer import BEGIN, END, ClipTokenizer
from tests.nodes.ldm.clip_corpus import BLOCK, corpus, digests

TOKENIZER = ClipTokenizer()
RECORD: dict[str, Any] = json.loads(Path(__file__).with_name("clip_ids.json").read_text())


@pytest.mark.parametrize("text", RECORD["samples"], ids=ascii)
def test_a_text_has_the_ids_of_the_reference(text: str) -> None:
    assert TOKENIZER.ids(text) == RECORD["samples"][text]


def test_ten_thousand_hard_strings_have_the_ids_of_the_reference() -> None:
    got = digests([TOKENIZER.ids(text) for text in corpus()])
    wrong = [
        n * BLOCK for n, (a, b) in enumerate(zip(got, RECORD["blocks"], strict=True)) if a != b
    ]

    assert len(got) * BLOCK == 10_000
    assert wrong == []


def test_the_corpus_would_show_a_tokenizer_that_reads_letters_as_they_come() -> None:
    encoder = TOKENIZER._encoder
    got = digests([encoder.encode(text) for text in corpus()[:2000]])

    assert all(a != b for a, b in zip(got, RECORD["blocks"], strict=False))


@given(st.text(max_size=200))
@example("\ud800 half of a pair")
@example("<|ENDOFTEXT|>" * 3)
@example("\0\0\1(\\")
def test_any_text_becomes_tokens_of_the_vocabulary(text: str) -> None:
    ids = TOKENIZER.ids(text)

    assert all(0 <= token <= END for token in ids)
    assert (BEGIN in ids) == ("<|startoftext|>" in text)
    assert (END in ids) == ("<|endoftext|>" in text)


@given(st.text(st.characters(codec="utf-8"), max_size=50), st.text(max_size=50))
def test_what_a_space_keeps_apart_is_read_apart(left: str, right: str) -> None:
    left, right = re.sub(r"\W+", "", left), re.sub(r"\W+", "", right)

    assert TOKENIZER.ids(f"{left} {right}") == TOKENIZER.ids(left) + TOKENIZER.ids(right)


def test_a_very_long_text_takes_no_time() -> None:
    begun = perf_counter()
    ids = TOKENIZER.ids("a photograph of a cat, " * 4000)

    assert len(ids) == 6 * 4000
    assert perf_counter() - begun < 2
