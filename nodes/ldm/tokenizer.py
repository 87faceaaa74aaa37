"""Words to token ids for the small text encoder; loads without torch."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from nodes.ldm.text_config import SPECIAL_TOKENS, TextEncoderConfig

if TYPE_CHECKING:
    from torch import Tensor

PAD, UNKNOWN = range(SPECIAL_TOKENS)


@dataclass(frozen=True)
class WordTokenizer:
    """A fixed list of words; word i has id i + 2, after padding 0 and unknown 1.

    Text is lower-cased and split at everything that is not a letter.

    Args:
        words: The vocabulary, lower case, without repetition.
        max_tokens: Length every text is cut or padded to.
    """

    words: tuple[str, ...]
    max_tokens: int

    @classmethod
    def of(cls, config: TextEncoderConfig) -> WordTokenizer:
        """Make the tokenizer of a text encoder that carries its vocabulary."""
        return cls(config.words, config.max_tokens)

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {word: i for i, word in enumerate(self.words, start=SPECIAL_TOKENS)}

    def split(self, text: str) -> list[str]:
        """Return the words of a text, in order."""
        return re.findall(r"[^\W\d_]+", text.lower())

    def unknown(self, text: str) -> list[str]:
        """Return the words of a text that the vocabulary lacks, in order."""
        return [word for word in self.split(text) if word not in self._ids]

    def unread(self, text: str) -> list[str]:
        """Return the words of a text that lie beyond `max_tokens`."""
        return self.split(text)[self.max_tokens :]

    def unreadable(self, text: str) -> str | None:
        """Name words that the model was never taught, or those past its end."""
        if strangers := list(dict.fromkeys(self.unknown(text))):
            known = ", ".join(sorted(self.words))
            return f"the model does not know {', '.join(map(repr, strangers))}; it knows: {known}"
        if unread := self.unread(text):
            return (
                f"the prompt has {len(unread)} words more than the {self.max_tokens} the model"
                f" reads; shorten it by {' '.join(unread)!r}"
            )
        return None

    def ids(self, text: str) -> list[int]:
        """Return the `max_tokens` token ids of a text."""
        ids = [self._ids.get(word, UNKNOWN) for word in self.split(text)][: self.max_tokens]
        return ids + [PAD] * (self.max_tokens - len(ids))

    def __call__(self, texts: Sequence[str]) -> Tensor:
        """Return the token ids of several texts, B T, int64."""
        import torch

        return torch.tensor([self.ids(text) for text in texts], dtype=torch.int64)
