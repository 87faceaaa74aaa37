"""Open the text encoders of a model file with the tokenizer that each was trained with."""

from __future__ import annotations

from pathlib import Path

import torch

from nodes.checkpoints.files import ModelFiles
from nodes.checkpoints.header import CheckpointError
from nodes.checkpoints.model_config import PartName
from nodes.checkpoints.model_file import load_bert, load_text_encoder
from nodes.checkpoints.recognition import VOCABULARY, read_checkpoint
from nodes.ldm.box_tokenizer import BoxTokenizer
from nodes.ldm.clip_tokenizer import ClipTokenizer
from nodes.ldm.prompt_reader import BertReader, BoxReader, ClipReader, PromptReader, WordReader
from nodes.ldm.text_config import BertConfig
from nodes.ldm.tokenizer import WordTokenizer
from nodes.ldm.wordpiece import WordPieceTokenizer

OWN: dict[str, type[WordTokenizer | BoxTokenizer]] = {"words": WordTokenizer, "boxes": BoxTokenizer}
"""Tokenizers whose vocabulary is in the model file."""


def load_prompt_reader(path: Path | ModelFiles, device: torch.device) -> PromptReader:
    """Load what turns prompts into conditioning.

    Raises:
        CheckpointError: The file holds no text encoder, its tensors are not exactly those of its
            config, or the vocabulary that it needs is not there.
    """
    files = ModelFiles.of(path)
    config = read_checkpoint(files)[1].config
    if config.bert and config.bert.reads_boxes:
        return BoxReader(load_bert(path, device), device)
    if config.bert:
        pieces = _wordpiece(files, config.bert)
        return BertReader(load_bert(path, device), pieces, device)
    if config.text is None:
        raise CheckpointError(f"{files.name}: holds {', '.join(config.parts)} but no text encoder")
    if config.text.tokenizer in OWN:
        tokenizer = OWN[config.text.tokenizer].of(config.text)
        return WordReader(load_text_encoder(path, device), tokenizer, device)
    parts: tuple[PartName, ...] = ("text", "text_2") if config.text_2 else ("text",)
    networks = tuple(load_text_encoder(path, device, part=part) for part in parts)
    return ClipReader(networks, ClipTokenizer(), device)


def _wordpiece(files: ModelFiles, config: BertConfig) -> WordPieceTokenizer:
    """The vocabulary beside the model file; there is only one of its size in use."""
    if not files.has(VOCABULARY):
        raise CheckpointError(
            f"{files.name}: its text encoder reads BERT's WordPiece, whose vocabulary no model file"
            f" holds; put {VOCABULARY} of bert-base-uncased beside it"
        )
    try:
        return WordPieceTokenizer.read(files.place(VOCABULARY), config.vocab_size)
    except ValueError as error:
        raise CheckpointError(str(error)) from error
