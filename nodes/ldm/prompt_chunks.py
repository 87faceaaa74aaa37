"""A prompt of any length as chunks of the 77 tokens that CLIP reads at a time.

Each chunk is a beginning token, up to 75 tokens of the prompt, an end token and padding. A passage
of fewer than eight tokens is not cut: it begins the next chunk. That is ComfyUI's rule, taken for
all; the web UI's looks back for a comma instead. Loads without torch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nodes.ldm.clip_tokenizer import BEGIN, END, ClipTokenizer
from nodes.ldm.prompt import Weights, parse
from nodes.ldm.text_config import TextEncoderConfig

MAX_CHUNKS = 64
MAX_CHARACTERS = 100_000
SHORT = 8  # tokens; a passage of fewer is kept together


class Chunk(NamedTuple):
    """What the encoder reads at once.

    Attributes:
        ids: Token ids, as many as the encoder has positions.
        weights: How much each counts; 1 for all that is not a token of the prompt.
    """

    ids: tuple[int, ...]
    weights: tuple[float, ...]


class _Token(NamedTuple):
    id: int
    weight: float


def chunks(
    prompt: str, weights: Weights, tokenizer: ClipTokenizer, config: TextEncoderConfig
) -> list[Chunk]:
    """Cut a prompt into chunks; an empty one is a chunk too.

    Raises:
        ValueError: The prompt is longer than any that is meant.
    """
    if len(prompt) > MAX_CHARACTERS:
        raise ValueError(
            f"the prompt has {len(prompt)} characters, more than {MAX_CHARACTERS}; shorten it"
        )
    room = config.max_tokens - 2
    rows: list[list[_Token]] = []
    for group in parse(prompt, weights):
        tokens = [[_Token(i, p.weight) for i in tokenizer.ids(p.text)] for p in group]
        rows += _rows(tokens, room)
    if len(rows) > MAX_CHUNKS:
        raise ValueError(
            f"the prompt makes {len(rows)} chunks of {room} tokens, more than {MAX_CHUNKS};"
            " shorten it"
        )
    return [_chunk(row, config) for row in rows]


def empty_chunk(config: TextEncoderConfig) -> Chunk:
    """Return what the encoder reads of an empty prompt."""
    return _chunk([], config)


def _rows(passages: Sequence[list[_Token]], room: int) -> Iterator[list[_Token]]:
    """Fill rows of at most `room` tokens, one passage after another."""
    row: list[_Token] = []
    for passage in passages:
        rest = passage
        while len(row) + len(rest) > room:
            cut = room - len(row) if len(rest) >= SHORT or not row else 0
            yield row + rest[:cut]
            row, rest = [], rest[cut:]
        row = row + rest
    yield row


def _chunk(row: list[_Token], config: TextEncoderConfig) -> Chunk:
    padding = config.max_tokens - 2 - len(row)
    return Chunk(
        (BEGIN, *(token.id for token in row), END, *[config.pad] * padding),
        (1.0, *(token.weight for token in row), 1.0, *[1.0] * padding),
    )
