"""Text encoders of whole files, from prompt to conditioning."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from nodes.checkpoints.header import CheckpointError
from nodes.checkpoints.model_config import ModelConfig
from nodes.checkpoints.model_file import save_model
from nodes.checkpoints.text_readers import load_prompt_reader
from nodes.ldm.bert import BertEncoder
from nodes.ldm.class_embedding import ClassEmbedding
from nodes.ldm.prompt_reader import ClipReader, PromptSettings, WordReader
from nodes.ldm.text_config import BertConfig, ClassConfig, TextEncoderConfig
from nodes.ldm.text_encoder import TextEncoder
from nodes.ldm.wordpiece import SPECIAL

CPU = torch.device("cpu")
CLIP = TextEncoderConfig(vocab_size=49408, width=8, layers=2, heads=2, tokenizer="clip", pad=49407)
BIG = replace(CLIP, width=12, pad=0, projection=6)
BERT = BertConfig(vocab_size=104, width=8, layers=1, heads=2, head_channels=4, max_tokens=5)
WORDS = TextEncoderConfig(
    vocab_size=4, width=8, layers=1, heads=2, max_tokens=3, words=("a", "cat")
)


def test_a_file_with_two_encoders_reads_a_prompt_with_both(tmp_path: Path) -> None:
    path = tmp_path / "xl.safetensors"
    config = ModelConfig(title="Two", license="MIT", text=CLIP, text_2=BIG)
    save_model(path, {"text": TextEncoder(CLIP), "text_2": TextEncoder(BIG)}, config)
    reader = load_prompt_reader(path, CPU)
    with torch.no_grad():
        encoded = reader.encode("a (red:1.3) cat", PromptSettings())

    assert isinstance(reader, ClipReader)
    assert encoded.context.shape == (1, 77, 20)
    assert encoded.pooled is not None
    assert encoded.pooled.shape == (1, 6)


def test_a_file_with_a_small_vocabulary_reads_its_words(tmp_path: Path) -> None:
    path = tmp_path / "words.safetensors"
    save_model(
        path, {"text": TextEncoder(WORDS)}, ModelConfig(title="W", license="MIT", text=WORDS)
    )

    assert isinstance(load_prompt_reader(path, CPU), WordReader)


def test_the_papers_text_model_wants_its_vocabulary_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "ldm.safetensors"
    save_model(path, {"bert": BertEncoder(BERT)}, ModelConfig(title="B", license="MIT", bert=BERT))
    with pytest.raises(CheckpointError, match=r"put vocab\.txt of bert-base-uncased beside it"):
        load_prompt_reader(path, CPU)

    tokens = [f"[unused{i}]" for i in range(103)] + ["cat"]
    for token, place in SPECIAL.items():
        tokens[place] = token
    (tmp_path / "vocab.txt").write_text("\n".join([*tokens, "one too many"]))
    with pytest.raises(
        CheckpointError, match=r"vocab\.txt: has 105 tokens, but the model knows 104"
    ):
        load_prompt_reader(path, CPU)

    (tmp_path / "vocab.txt").write_text("\n".join(tokens))
    with torch.no_grad():
        context = load_prompt_reader(path, CPU).encode("Cat", PromptSettings()).context
    assert context.shape == (1, 5, 8)


def test_a_file_without_a_text_encoder_says_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "classes.safetensors"
    classes = ClassConfig(classes=3, width=4)
    config = ModelConfig(title="C", license="MIT", class_embedding=classes)
    save_model(path, {"class_embedding": ClassEmbedding(classes)}, config)

    with pytest.raises(CheckpointError, match="holds class_embedding but no text encoder"):
        load_prompt_reader(path, CPU)
