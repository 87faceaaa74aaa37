"""A word of one's own is read as its vectors, wherever it stands in a prompt."""

import pickle
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from engine.disk import file_sha256
from engine.node import FileRef, Finding, Inference
from nodes import values
from nodes.checkpoints.header import Header, TensorInfo
from nodes.checkpoints.inversion_file import load_vectors
from nodes.checkpoints.textual_inversion import inversion_facts
from nodes.cross_attn_condition import cross_attn_condition
from nodes.ldm.own_names import names_in
from nodes.ldm.own_words import with_words
from nodes.ldm.prompt_reader import ClipReader, PromptSettings
from nodes.runtime import open_text_encoder
from nodes.textual_inversion import check_inversion, load_textual_inversion, tell_inversion
from tests.nodes.checkpoints.published import WIDTH, write_published
from tests.nodes.context import FolderContext

SETTINGS = PromptSettings()
CAT = 2368  # CLIP's token of "cat"


def file_of(folder: Path, name: str, tensors: dict[str, Tensor]) -> FileRef:
    path = folder / f"{name}.safetensors"
    save_file(tensors, path)
    return FileRef(path.name, file_sha256(path), path)


def drawn(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape)))


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, FileRef]:
    folder = tmp_path_factory.mktemp("published")
    paths = {f: write_published(folder / f"{f}.safetensors", f) for f in ("sd1", "sdxl")}
    return {f: FileRef(path.name, file_sha256(path), path) for f, path in paths.items()}


def opened(folder: Path, part: values.TextEncoder, *files: FileRef) -> ClipReader:
    ctx = FolderContext(folder, {file.sha256: file.path for file in files}, loaded={})
    reader = open_text_encoder(ctx, part)
    assert isinstance(reader, ClipReader)
    return reader


def read(reader: ClipReader, prompt: str) -> Tensor:
    with torch.no_grad():
        return reader.encode(prompt, SETTINGS).context


def test_a_word_with_the_vector_of_a_token_reads_as_that_token(
    models: dict[str, FileRef], tmp_path: Path
) -> None:
    plain = values.TextEncoder(models["sd1"].sha256)
    base = opened(tmp_path, plain, models["sd1"])
    table = base.networks[0].embeddings.token_embedding.weight
    file = file_of(tmp_path, "kitty", {"emb_params": table[CAT].detach().clone()[None]})
    reader = opened(tmp_path, load_textual_inversion(plain, file), models["sd1"], file)
    for with_word, without in (
        ("a photo of embedding:kitty, cute", "a photo of cat, cute"),
        ("embedding:kitty", "cat"),
        ("a (embedding:kitty:1.3) and embedding:kitty.", "a (cat:1.3) and cat."),
        ("a dog", "a dog"),
    ):
        assert torch.equal(read(reader, with_word), read(base, without))
    assert len(base.networks[0].embeddings.token_embedding.weight) == 49408


def test_a_word_may_be_several_tokens_and_stand_beside_others(
    models: dict[str, FileRef], tmp_path: Path
) -> None:
    plain = values.TextEncoder(models["sd1"].sha256)
    two = file_of(tmp_path, "style", {"<style>": drawn(2, WIDTH)})
    one = file_of(tmp_path, "thing", {"<thing>": drawn(WIDTH)})
    both = load_textual_inversion(load_textual_inversion(plain, two), one, "my-thing")
    assert both.own_words == (("style", two.sha256), ("my-thing", one.sha256))
    reader = opened(tmp_path, both, models["sd1"], one, two)
    ids = reader.tokenizer.ids("embedding:style embedding:my-thing")
    assert ids == [49408, 49409, 49410]
    table = reader.networks[0].embeddings.token_embedding.weight
    assert torch.allclose(table[49408:], torch.cat([drawn(2, WIDTH), drawn(WIDTH)[None]]))


def test_both_text_encoders_of_xl_learn_their_own_vectors(
    models: dict[str, FileRef], tmp_path: Path
) -> None:
    plain = values.TextEncoder(models["sdxl"].sha256)
    file = file_of(tmp_path, "xl", {"clip_g": drawn(3, WIDTH), "clip_l": drawn(3, WIDTH) + 1})
    reader = opened(tmp_path, load_textual_inversion(plain, file), models["sdxl"], file)
    first, second = (n.embeddings.token_embedding.weight for n in reader.networks)
    assert torch.allclose(first[49408:].float(), drawn(3, WIDTH) + 1)
    assert torch.allclose(second[49408:].float(), drawn(3, WIDTH))
    assert read(reader, "embedding:xl").shape == (1, 77, 2 * WIDTH)


def test_a_word_of_another_family_is_refused(models: dict[str, FileRef], tmp_path: Path) -> None:
    reader = opened(tmp_path, values.TextEncoder(models["sd1"].sha256), models["sd1"])
    with pytest.raises(ValueError, match=r"widths \[32\], but the text encoders read \[64\]"):
        with_words(reader, {"x": (drawn(1, 32),)})


def test_a_word_that_is_not_known_is_named(models: dict[str, FileRef], tmp_path: Path) -> None:
    base = opened(tmp_path, values.TextEncoder(models["sd1"].sha256), models["sd1"])
    reader = with_words(base, {"kitty": (drawn(1, WIDTH),)})
    with pytest.raises(ValueError, match="names embedding:doggy, but the words here are kitty"):
        read(reader, "embedding:doggy")


@pytest.mark.parametrize(
    ("prompt", "names"),
    [
        ("a cat", []),
        ("embedding:a, (embedding:b-2:1.2) embedding:a", ["a", "b-2"]),
        ("embedding:easy.negative.", ["easy.negative"]),
        ("myembedding:x embedding:", []),
    ],
)
def test_names_end_where_a_person_would_end_them(prompt: str, names: list[str]) -> None:
    assert names_in(prompt) == names


def review(node: Any, settings: dict[str, Any], **facts: dict[str, Any]) -> list[Finding]:
    return list(node.review(Inference(settings, facts)))


def test_a_prompt_that_names_a_word_nobody_loaded_is_refused_before_the_run() -> None:
    settings = {"prompt": "embedding:kitty", "skip_layers": -1, "weights": "comfyui"}
    facts = {"width": 768, "layers": 12}
    (found,) = review(cross_attn_condition, settings, text_encoder=facts)
    assert found.code == "embedding-missing"
    told = {**facts, "own_words": "style kitty"}
    assert review(cross_attn_condition, settings, text_encoder=told) == []


def test_a_word_for_another_model_is_refused_naming_both_files(tmp_path: Path) -> None:
    file = file_of(tmp_path, "xl", {"clip_l": drawn(1, 768), "clip_g": drawn(1, 1280)})
    settings = {"embedding": file, "name": ""}
    facts: dict[str, int | str] = {"width": 768, "file": "v1-5.safetensors"}
    (found,) = review(load_textual_inversion, settings, text_encoder=facts)
    assert found.message == (
        "xl.safetensors is a textual inversion for Stable Diffusion XL, but v1-5.safetensors is of"
        " Stable Diffusion 1"
    )
    assert load_textual_inversion.infer
    passed = load_textual_inversion.infer(Inference(settings, {"text_encoder": facts}))
    assert passed == {"text_encoder": {**facts, "own_words": "xl"}}
    (named,) = review(load_textual_inversion, {**settings, "name": "my word"})
    assert named.code == "no-name"


def test_a_file_tells_its_family_and_a_pickle_how_to_convert_it(tmp_path: Path) -> None:
    file = file_of(tmp_path, "w", {"emb_params": drawn(4, 1024)})
    told = [line.value for line in tell_inversion(file.path)]
    assert told == ["textual inversion for Stable Diffusion 2", "4"]
    path = tmp_path / "old.safetensors"
    path.write_bytes(pickle.dumps({"string_to_param": {}}))
    with pytest.raises(ValueError, match=r"pickle.*convert it once: python -c"):
        check_inversion(path)


@pytest.mark.parametrize(
    "shapes",
    [
        {},
        {"a": (1, 768), "b": (1, 768)},
        {"a": (1, 2, 768)},
        {"a": (76, 768)},
        {"a": (0, 768)},
        {"clip_l": (1, 768), "clip_g": (2, 1280)},
    ],
)
def test_what_is_no_textual_inversion_is_refused(shapes: dict[str, tuple[int, ...]]) -> None:
    header = Header({name: TensorInfo("F32", shape) for name, shape in shapes.items()}, {})
    with pytest.raises(ValueError, match=r"textual inversion|vectors"):
        inversion_facts(header)


def test_half_precision_vectors_are_read_in_float32(tmp_path: Path) -> None:
    file = file_of(tmp_path, "h", {"emb_params": drawn(2, 8).half()})
    (rows,) = load_vectors(file.path)
    assert rows.dtype == torch.float32
    assert torch.equal(rows, drawn(2, 8).half().float())
