"""CLIP's byte-pair encoding of text  (Radford et al. 2021, arXiv:2103.00020, Sec. 2.4).

The vocabulary and the merging are `instant-clip-tokenizer`'s. What it is given is written so that
its ids are those of transformers' `CLIPTokenizer`, which the tools around Stable Diffusion use; it
has no `ftfy`, and leaves `&amp;` as it stands. The two differ at characters that came after Unicode
15.0 only. Loads without torch.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from typing import Any

BEGIN, END = 49406, 49407
SPECIAL = {"<|startoftext|>": BEGIN, "<|endoftext|>": END}

_SPECIAL = re.compile("(" + "|".join(map(re.escape, SPECIAL)) + ")")
# A piece of its own only after a space, letter or digit, which the dot of a small \u0130 is not.
_CAPITALS = re.compile(r"(?<![^\w\s]|[_\u0130\x1c-\x1f])(?ai:(?:<\|(?:start|end)oftext\|>)+)")


@dataclass(frozen=True)
class ClipTokenizer:
    """Text to ids of CLIP's 49,408 tokens, without beginning and end."""

    @cached_property
    def _encoder(self) -> Any:
        try:
            from instant_clip_tokenizer import Tokenizer
        except ImportError as error:
            raise ValueError(
                "this model reads CLIP tokens, for which the package instant-clip-tokenizer is"
                " missing; run `pip install instant-clip-tokenizer`, with Python 3.11 or 3.12"
            ) from error
        return Tokenizer()

    def ids(self, text: str) -> list[int]:
        """Return the token ids of a text of any length.

        `<|startoftext|>` and `<|endoftext|>` in a text are the tokens of these names, as in the
        reference. Halves of a surrogate pair, which are no characters, are read as `?`.

        Raises:
            ValueError: The package with the vocabulary is missing.
        """
        found: list[int] = []
        for part in _SPECIAL.split(text.encode("utf-8", "replace").decode()):
            found += [SPECIAL[part]] if part in SPECIAL else self._encoder.encode(_normal(part))
        return found


def _normal(text: str) -> str:
    """Write a text so that lower-casing and splitting it gives the reference's pieces.

    The reference composes accents, lower-cases letter by letter (no final sigma), and keeps a
    special token that is written in capitals apart from what follows it.
    """
    composed = unicodedata.normalize("NFC", text).replace("Σ", "σ")
    return _CAPITALS.sub(lambda match: match[0].replace(">", "> "), composed)
