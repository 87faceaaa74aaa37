"""BERT's WordPiece, which the paper's text models read  (Devlin et al. 2018, arXiv:1810.04805).

The vocabulary is not part of their checkpoints: it is `vocab.txt` of bert-base-uncased, one token a
line. Loads without torch.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

PAD, UNKNOWN, BEGIN, END = 0, 100, 101, 102
SPECIAL = {"[PAD]": PAD, "[UNK]": UNKNOWN, "[CLS]": BEGIN, "[SEP]": END}
LONGEST_WORD = 100
MAX_BYTES = 10_000_000


@dataclass(frozen=True)
class WordPieceTokenizer:
    """Text without case and accents, cut into the longest known pieces.

    Args:
        vocabulary: The tokens, in order; `SPECIAL` says which must be where.

    Raises:
        ValueError: The special tokens are elsewhere.
    """

    vocabulary: tuple[str, ...]

    def __post_init__(self) -> None:
        for token, place in SPECIAL.items():
            if self._ids.get(token) != place:
                raise ValueError(
                    f"{token} is not token {place} of the vocabulary; it must be vocab.txt of"
                    " bert-base-uncased"
                )

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {token: place for place, token in enumerate(self.vocabulary)}

    @classmethod
    def read(cls, path: Path, size: int) -> WordPieceTokenizer:
        """Read `vocab.txt`.

        Args:
            path: The file, one token a line.
            size: How many tokens the model knows.

        Raises:
            ValueError: The file cannot be read, or is another vocabulary.
        """
        try:
            with path.open("rb") as file:
                text = file.read(MAX_BYTES).decode()
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"{path.name}: cannot be read as text ({error})") from error
        lines = tuple(text.removesuffix("\n").split("\n"))
        if len(lines) != size:
            raise ValueError(
                f"{path.name}: has {len(lines)} tokens, but the model knows {size}; it must be"
                " vocab.txt of bert-base-uncased"
            )
        return cls(tuple(line.removesuffix("\r") for line in lines))

    def ids(self, text: str, length: int) -> list[int]:
        """Return `length` token ids: beginning, as much of the text as fits, end, padding."""
        found = [BEGIN]
        for word in _words(text):
            found += self._pieces(word)
            if len(found) >= length:
                break
        found = [*found[: length - 1], END]
        return found + [PAD] * (length - len(found))

    def _pieces(self, word: str) -> list[int]:
        """Cut a word into the longest pieces from the left; unknown if a rest has none."""
        if len(word) > LONGEST_WORD:
            return [UNKNOWN]
        found, start = [], 0
        while start < len(word):
            before = "##" if start else ""
            ends = range(len(word), start, -1)
            end = next((e for e in ends if before + word[start:e] in self._ids), None)
            if end is None:
                return [UNKNOWN]
            found.append(self._ids[before + word[start:end]])
            start = end
        return found


def _words(text: str) -> Iterator[str]:
    """Split at spaces, and around punctuation and Chinese characters; drop control characters."""
    spaced = "".join(map(_spaced, text))
    decomposed = unicodedata.normalize("NFD", spaced)
    plain = (c.lower() for c in decomposed if unicodedata.category(c) != "Mn")
    yield from "".join(f" {c} " if _is_punctuation(c) else c for c in plain).split()


def _spaced(letter: str) -> str:
    if letter in "\t\n\r":
        return " "
    if letter in "\0\ufffd" or unicodedata.category(letter) in ("Cc", "Cf", "Co", "Cs"):
        return ""
    if letter.isspace():
        return " "
    return f" {letter} " if _is_chinese(letter) else letter


def _is_punctuation(letter: str) -> bool:
    """All of ASCII that is neither letter, digit nor space counts, and what Unicode says."""
    ascii_mark = letter.isascii() and letter.isprintable() and not letter.isalnum()
    return ascii_mark or unicodedata.category(letter).startswith("P")


CHINESE = (
    (0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F),
)  # fmt: skip


def _is_chinese(letter: str) -> bool:
    return any(low <= ord(letter) <= high for low, high in CHINESE)
