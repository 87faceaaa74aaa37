from pathlib import Path

import pytest
import torch

from engine.disk import file_sha256
from engine.node import Facts, FileRef, Inference
from nodes.checkpoints.model_config import ModelConfig
from nodes.checkpoints.model_file import save_model
from nodes.class_condition import class_condition
from nodes.cross_attn_condition import cross_attn_condition
from nodes.ldm.class_embedding import ClassEmbedding
from nodes.ldm.text_config import ClassConfig
from nodes.load import load_model
from nodes.values import TextEncoder
from tests.nodes.context import FolderContext
from tests.nodes.tiny import TinyModels

CLASSES = ClassConfig(classes=5, width=8)


@pytest.fixture
def file(tmp_path: Path) -> FileRef:
    path = tmp_path / "classes.safetensors"
    config = ModelConfig(title="Classes", license="MIT", class_embedding=CLASSES)
    save_model(path, {"class_embedding": ClassEmbedding(CLASSES)}, config)
    return FileRef(path.name, file_sha256(path), path)


@pytest.fixture
def ctx(tmp_path: Path, file: FileRef) -> FolderContext:
    return FolderContext(tmp_path / "step", {file.sha256: file.path})


def test_a_class_becomes_its_token(ctx: FolderContext, file: FileRef) -> None:
    part = load_model(file).text_encoder
    tokens = [class_condition(part, ctx, index).context for index in range(5)]

    assert all(token.shape == (1, 1, 8) for token in tokens)
    assert len({token.numpy().tobytes() for token in tokens}) == 5
    with pytest.raises(ValueError, match="no class 5: the model has 5"):
        class_condition(part, ctx, 5)


def test_the_check_knows_the_classes(file: FileRef) -> None:
    assert load_model.infer
    assert class_condition.review
    facts = load_model.infer(Inference({"model": file}, {}))
    assert facts
    encoder = facts["text_encoder"]
    assert isinstance(encoder, dict)
    told = {"width": 8, "vector": "none", "classes": 5, "file": file.path.name}
    assert {name: encoder[name] for name in told} == told

    assert list(class_condition.review(Inference({"index": 4}, {"text_encoder": encoder}))) == []
    (found,) = class_condition.review(Inference({"index": 9}, {"text_encoder": encoder}))
    assert found.message == "there is no class 9: the model has 5, counted from 0"
    assert found.fixes[0].edits[0].value == 4


def test_words_and_classes_are_not_mistaken_for_each_other(
    ctx: FolderContext, file: FileRef, models: TinyModels
) -> None:
    assert cross_attn_condition.review
    assert class_condition.review
    classes: Facts = {"classes": 5}
    words: Facts = {"width": 8, "words": "a cat", "max_tokens": 3}
    (found,) = cross_attn_condition.review(Inference({"prompt": "a"}, {"text_encoder": classes}))
    assert found.message == "this model is told one of 5 classes, not words"
    (found,) = class_condition.review(Inference({"index": 0}, {"text_encoder": words}))
    assert found.message == "this model is told words, not classes"

    with pytest.raises(ValueError, match="holds class_embedding but no text"):
        cross_attn_condition(TextEncoder(file.sha256), ctx, "a cat")
    assert torch.is_tensor(class_condition(TextEncoder(file.sha256), ctx, 0).context)
