"""From a prompt to what cross-attention reads: tokenizer, chunks, networks, weights in one call.

A `PromptReader` is made for the kind of text encoder a model has; callers need not know which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from nodes.ldm.bert import BertEncoder
from nodes.ldm.boxes import box_tokens, read_boxes
from nodes.ldm.clip_tokenizer import ClipTokenizer
from nodes.ldm.emphasis import EMPHASES
from nodes.ldm.prompt import Weights
from nodes.ldm.prompt_chunks import Chunk, chunks, empty_chunk
from nodes.ldm.text_encoder import Encoded, TextEncoder
from nodes.ldm.wordpiece import WordPieceTokenizer

AT_ONCE = 16
"""Chunks that an encoder works on at a time."""


@dataclass(frozen=True)
class PromptSettings:
    """How a prompt is read.

    Attributes:
        weights: Whose way of writing weights it is in.
        skip_layers: Layers left out at the end of each encoder; None leaves out what it was
            trained to.
    """

    weights: Weights = "comfyui"
    skip_layers: int | None = None


class PromptReader(Protocol):
    """Any text encoder with its tokenizer."""

    def encode(self, prompt: str, settings: PromptSettings) -> Encoded:
        """Return float32 tokens for cross-attention, 1 T D, and the vector of the whole prompt.

        Raises:
            ValueError: The model cannot read this prompt, or has not so many layers.
        """


class SmallTokenizer(Protocol):
    """Words or layouts to token ids of one length, with a vocabulary of its own."""

    def unreadable(self, text: str) -> str | None:
        """What is wrong with a text, if anything is."""

    def __call__(self, texts: Sequence[str]) -> Tensor:
        """Return the token ids of several texts, B T, int64."""


@dataclass(frozen=True)
class WordReader:
    """A small vocabulary of whole words, or of named boxes, padded to one length."""

    network: TextEncoder
    tokenizer: SmallTokenizer
    device: torch.device

    def encode(self, prompt: str, settings: PromptSettings) -> Encoded:
        """As `PromptReader`; weights are not known to it, brackets are no words."""
        if fault := self.tokenizer.unreadable(prompt):
            raise ValueError(fault)
        tokens = self.tokenizer([prompt]).to(self.device)
        context, pooled = self.network.encode(tokens, settings.skip_layers)
        return Encoded(context.float(), None if pooled is None else pooled.float())


@dataclass(frozen=True)
class BoxReader:
    """The paper's own transformer over numbered objects and their boxes, in place of a prompt."""

    network: BertEncoder
    device: torch.device

    def encode(self, prompt: str, settings: PromptSettings) -> Encoded:
        """As `PromptReader`, of a layout."""
        config = self.network.config
        tokens = box_tokens(read_boxes(prompt), config.vocab_size, config.max_tokens)
        return Encoded(self.network(torch.tensor([tokens], device=self.device)).float())


@dataclass(frozen=True)
class BertReader:
    """The paper's own text transformer; a prompt is cut or padded to its length."""

    network: BertEncoder
    tokenizer: WordPieceTokenizer
    device: torch.device

    def encode(self, prompt: str, settings: PromptSettings) -> Encoded:
        """As `PromptReader`; it was trained on plain text, so every character is text."""
        ids = self.tokenizer.ids(prompt, self.network.config.max_tokens)
        return Encoded(self.network(torch.tensor([ids], device=self.device)).float())


@dataclass(frozen=True)
class ClipReader:
    """CLIP text encoders that read the same prompt; their tokens stand beside each other.

    Stable Diffusion XL has two: the width is the sum of theirs, and the vector of the whole prompt
    is the last one's, of the first chunk  (Podell et al. 2023, arXiv:2307.01952, Sec. 2.1).
    """

    networks: tuple[TextEncoder, ...]
    tokenizer: ClipTokenizer
    device: torch.device

    def encode(self, prompt: str, settings: PromptSettings) -> Encoded:
        """As `PromptReader`; T is 77 for each chunk of the prompt."""
        parts = [self._encode(network, prompt, settings) for network in self.networks]
        pooled = [part.pooled for part in parts if part.pooled is not None]
        context = torch.cat([part.context for part in parts], dim=-1)
        return Encoded(context, pooled[-1] if pooled else None)

    def _encode(self, network: TextEncoder, prompt: str, settings: PromptSettings) -> Encoded:
        config = network.config
        read = chunks(prompt, settings.weights, self.tokenizer, config)
        weights = torch.tensor([chunk.weights for chunk in read], device=self.device)  # K T
        z, pooled = self._run(network, [*read, empty_chunk(config)], settings.skip_layers)
        z = EMPHASES[settings.weights](z[:-1], z[-1], weights)
        return Encoded(z.flatten(0, 1)[None], None if pooled is None else pooled[:1])

    def _run(self, network: TextEncoder, read: list[Chunk], skip: int | None) -> Encoded:
        """Encode K chunks: K T D and K P."""
        ids = torch.tensor([chunk.ids for chunk in read], device=self.device)
        parts = [network.encode(rows, skip) for rows in torch.split(ids, AT_ONCE)]
        context = torch.cat([part.context for part in parts]).float()
        return Encoded(context, _joined([part.pooled for part in parts]))


def _joined(parts: list[Tensor | None]) -> Tensor | None:
    there = [part.float() for part in parts if part is not None]
    return torch.cat(there) if there else None
