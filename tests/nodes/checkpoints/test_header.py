"""Headers of good and hostile safetensors files; what is accepted here safetensors accepts too."""

import json
import os
import pickle
import time
import zipfile
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load, save

from nodes.checkpoints.header import CheckpointError, Header, TensorInfo, read_header

GOOD = save(
    {"a": torch.zeros(2, 3), "b": torch.zeros(4, dtype=torch.float16), "empty": torch.zeros(0, 5)},
    {"license": "MIT"},
)


def test_a_header_tells_names_types_shapes_and_metadata(tmp_path: Path) -> None:
    header = read(tmp_path, GOOD)

    assert header.metadata == {"license": "MIT"}
    first = header.tensors["a"].begin
    assert header.tensors == {
        "a": TensorInfo("F32", (2, 3), first),
        "b": TensorInfo("F16", (4,), first + 24),
        "empty": TensorInfo("F32", (0, 5), first + 24),
    }


def entry(
    dtype: str = "F32", shape: object = (2,), begin: object = 0, end: object = 8
) -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


@pytest.mark.parametrize(
    ("document", "data", "fault"),
    [
        ({"a": entry()}, b"x" * 7, "take 8 bytes, the file has 7"),
        ({"a": entry()}, b"x" * 9, "take 8 bytes, the file has 9"),
        ({"a": entry(), "b": entry(begin=4, end=12)}, b"x" * 12, "'b' overlaps"),
        ({"a": entry(), "b": entry(begin=12, end=20)}, b"x" * 20, "'b' leaves a gap"),
        ({"a": entry(begin=-8, end=0)}, b"", "no plain count"),
        ({"a": entry(shape=[-1, -2])}, b"x" * 8, "no plain count"),
        ({"a": entry(shape=[2.0])}, b"x" * 8, "no plain count"),
        ({"a": entry(shape=[True, 2])}, b"x" * 8, "no plain count"),
        ({"a": entry(shape=[1] * 17)}, b"x" * 8, "no plain count"),
        ({"a": entry(shape=[2**62, 8])}, b"x" * 8, "its shape needs others"),
        ({"a": entry(shape=[3])}, b"x" * 8, "its shape needs others"),
        ({"a": entry(dtype="F31")}, b"x" * 8, "unknown dtype 'F31'"),
        ({"a": entry() | {"code": "x"}}, b"x" * 8, "unknown field 'code'"),
        ({"a": {"dtype": "F32", "shape": [2]}}, b"x" * 8, "lacks a dtype, shape or data_offsets"),
        ({"a": None}, b"", "lacks a dtype, shape or data_offsets"),
        ({"__metadata__": {"n": 1}}, b"", "not a map from text to text"),
        ({"__metadata__": []}, b"", "not a map from text to text"),
        ('{"a": 1, "a": 2}', b"", "a name occurs twice"),
        ('{"a": NaN}', b"", "NaN is no JSON number"),
        ("{" * 30, b"", "not valid JSON"),
        ('{"a":' + "[" * 100_000, b"", "not valid JSON"),
        ('{"a":' + "9" * 10_000 + "}", b"", "not valid JSON"),
        (b'{"\xff": 1}', b"", "not valid JSON"),
        ("[1, 2, 3]", b"", "not a safetensors file"),
    ],
)
def test_a_header_that_contradicts_itself_is_refused(
    tmp_path: Path, document: object, data: bytes, fault: str
) -> None:
    with pytest.raises(CheckpointError, match=fault):
        read(tmp_path, assemble(document, data))


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "cut short"),
        (b"\x10\x00\x00", "cut short"),
        (bytes(8), "announces a header of 0 bytes"),
        (b"\xff" * 16, "announces a header of 18446744073709551615 bytes"),
        (GOOD[:-1], "cut short or changed"),
        (GOOD[:40], "cut short"),
        (pickle.dumps({"w": [0.0] * 99}), "a pickle; a pickle can run code"),
        (b"GGUF" + bytes(64), "a GGUF file"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "Git LFS pointer"),
    ],
)
def test_what_is_no_safetensors_file_is_named_for_what_it_is(
    tmp_path: Path, content: bytes, fault: str
) -> None:
    with pytest.raises(CheckpointError, match=fault):
        read(tmp_path, content)


def test_a_pickled_checkpoint_under_a_safetensors_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({}))

    with pytest.raises(CheckpointError, match=r"model\.safetensors: .* a zip archive"):
        read_header(path)


def test_a_header_beyond_the_size_limit_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "bomb.safetensors"
    with path.open("wb") as file:
        file.write((100_000_001).to_bytes(8, "little") + b"{")
        file.truncate(200_000_000)

    with pytest.raises(CheckpointError, match="announces a header of 100000001 bytes"):
        read_header(path)


def test_a_hundred_thousand_tensors_are_read_in_seconds(tmp_path: Path) -> None:
    document = {f"t{i}": entry(begin=8 * i, end=8 * i + 8) for i in range(100_000)}
    content = assemble(document, bytes(800_000))

    started = time.process_time()
    assert len(read(tmp_path, content).tensors) == 100_000
    assert time.process_time() - started < 10


def test_a_missing_file_a_folder_and_a_pipe_are_each_one_sentence(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, fault in (("none", "No such file"), (".", "is no file"), ("pipe", "is no file")):
        with pytest.raises(CheckpointError, match=fault):
            read_header(tmp_path / name)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_damaged_file_is_refused_or_is_one_that_safetensors_reads(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(GOOD) - 1))] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(GOOD))) :]
    folder = tmp_path_factory.getbasetemp()
    try:
        header = read(folder, bytes(content))
    except CheckpointError as error:
        assert str(error).startswith("model.safetensors: ")  # noqa: PT017 - either way is right
    else:
        assert load(bytes(content)).keys() == header.tensors.keys()


def assemble(document: object, data: bytes) -> bytes:
    if isinstance(document, dict):
        document = json.dumps(document)
    text = document if isinstance(document, bytes) else str(document).encode()
    return len(text).to_bytes(8, "little") + text + data


def read(folder: Path, content: bytes) -> Header:
    path = folder / "model.safetensors"
    path.write_bytes(content)
    return read_header(path)
