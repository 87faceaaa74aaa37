"""Words of one's own in a prompt: `embedding:NAME` becomes learnt vectors.

Textual inversion, Gal et al. 2022, arXiv:2208.01618, Sec. 4. The vectors become rows behind those
of the vocabulary, on a copy of the text encoder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from nodes.ldm.clip_tokenizer import ClipTokenizer
from nodes.ldm.own_names import MARK, WRITTEN
from nodes.ldm.patching import with_tensors
from nodes.ldm.prompt_reader import ClipReader

TABLE = "embeddings.token_embedding.weight"


@dataclass(frozen=True)
class WordsTokenizer(ClipTokenizer):
    """A CLIP tokenizer that knows further words.

    Attributes:
        words: Token ids of each, by name.
    """

    words: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def ids(self, text: str) -> list[int]:
        """As `ClipTokenizer.ids`; a known `embedding:NAME` becomes the ids of that word.

        Raises:
            ValueError: The text mentions a word that is not known.
        """
        found: list[int] = []
        *pairs, rest = WRITTEN.split(text)
        for before, name in zip(pairs[::2], pairs[1::2], strict=True):
            if name not in self.words:
                known = ", ".join(self.words)
                raise ValueError(f"the prompt names {MARK}{name}, but the words here are {known}")
            found += [*super().ids(before), *self.words[name]]
        return found + super().ids(rest)


def with_words(reader: ClipReader, words: Mapping[str, tuple[Tensor, ...]]) -> ClipReader:
    """Teach a reader words of one's own; the one given stays as it is.

    Args:
        reader: CLIP text encoders.
        words: For each name its vectors, n D for every text encoder in order.

    Raises:
        ValueError: The vectors are not of these text encoders' widths.
    """
    tables = [network.state_dict()[TABLE] for network in reader.networks]
    ids: dict[str, tuple[int, ...]] = {}
    for name, vectors in words.items():
        widths = [rows.shape[1] for rows in vectors]
        if widths != [table.shape[1] for table in tables]:
            raise ValueError(
                f"{MARK}{name} has vectors of widths {widths}, but the text encoders read"
                f" {[table.shape[1] for table in tables]}; take one of the model's family"
            )
        first = len(tables[0])
        ids[name] = tuple(range(first, first + len(vectors[0])))
        tables = [torch.cat([t, v.to(t)]) for t, v in zip(tables, vectors, strict=True)]
    networks = tuple(
        with_tensors(network, {TABLE: table})
        for network, table in zip(reader.networks, tables, strict=True)
    )
    return replace(reader, networks=networks, tokenizer=WordsTokenizer(words=ids))
