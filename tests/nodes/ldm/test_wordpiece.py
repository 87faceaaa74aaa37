"""WordPiece against transformers' BertTokenizer, over one made-up vocabulary."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import BertTokenizer

from nodes.ldm.wordpiece import SPECIAL, WordPieceTokenizer
from tests.nodes.ldm.clip_corpus import corpus

LENGTH = 24


def vocabulary() -> tuple[str, ...]:
    """Special tokens at their places, then letters, pieces and words, of many scripts."""
    tokens = [f"[unused{i}]" for i in range(103)]
    for token, place in SPECIAL.items():
        tokens[place] = token
    letters = (
        "abcdefghijklmnopqrstuvwxyz0123456789.,!?'()<>|&;#-_:/=’éαβγσабвгд한국어中文一只猫मสวัุ😀"
    )
    tokens += list(letters) + [f"##{letter}" for letter in letters]
    tokens += [
        "a",
        "photograph",
        "of",
        "cat",
        "##graph",
        "photo",
        "##s",
        "astro",
        "##naut",
        "master",
    ]
    return tuple(dict.fromkeys(tokens))


OURS = WordPieceTokenizer(vocabulary())


def test_it_cuts_texts_as_the_reference_does() -> None:
    reference = BertTokenizer(vocab={token: i for i, token in enumerate(OURS.vocabulary)})
    texts = corpus()[:8990:4]  # the reference's tables of marks and accents are of Unicode 8
    texts += ["A photograph of an astronaut, photos.", "", "x" * 101, "naïve ΟΔΟΣ İstanbul"]
    expected = reference(texts, truncation=True, max_length=LENGTH, padding="max_length")[
        "input_ids"
    ]
    got = [OURS.ids(text, LENGTH) for text in texts]

    assert len(texts) > 2000
    assert [text for text, a, b in zip(texts, got, expected, strict=True) if a != b] == []


@given(st.text(), st.integers(2, 30))
def test_any_text_becomes_a_row_that_begins_ends_and_is_padded(text: str, length: int) -> None:
    ids = OURS.ids(text, length)
    end = ids.index(SPECIAL["[SEP]"])

    assert len(ids) == length
    assert ids[0] == SPECIAL["[CLS]"]
    assert set(ids[end + 1 :]) <= {SPECIAL["[PAD]"]}
    assert all(0 <= i < len(OURS.vocabulary) for i in ids)


def test_the_vocabulary_is_read_from_a_file_of_one_token_a_line(tmp_path: Path) -> None:
    path = tmp_path / "vocab.txt"
    for text in ("\n".join(OURS.vocabulary), "\r\n".join(OURS.vocabulary) + "\r\n"):
        path.write_bytes(text.encode())
        assert WordPieceTokenizer.read(path, len(OURS.vocabulary)) == OURS


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"a\nb\n", "has 2 tokens, but the model knows 107"),
        (b"\n".join(b"t%d" % i for i in range(107)), r"\[PAD\] is not token 0 of the vocabulary"),
        (b"\xff\xfe", "cannot be read as text"),
        (None, "cannot be read as text .*No such file"),
    ],
)
def test_another_file_is_refused(data: bytes | None, told: str, tmp_path: Path) -> None:
    path = tmp_path / "vocab.txt"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(ValueError, match=told):
        WordPieceTokenizer.read(path, 107)
