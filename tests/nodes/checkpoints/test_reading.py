"""Tensors come from files into memory of their own, in the type, shape and layout asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from nodes.checkpoints.files import ModelFiles
from nodes.checkpoints.header import CheckpointError, Header, TensorInfo, read_header
from nodes.checkpoints.reading import PIECE, read_tensors
from nodes.checkpoints.source import Source, same_names

STORED = {
    "kernel": torch.randn(70, 60, 3, 3),
    "wide": torch.randn(3, PIECE + 5),
    "bias": torch.randn(5),
    "scalar": torch.tensor(2.5),
    "empty": torch.zeros(0, 4),
    "linear": torch.randn(6, 8, 1, 1),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "weights.safetensors"
    save_file({name: tensor.half() for name, tensor in STORED.items()}, path)
    return path


def read(
    path: Path,
    sources: dict[str, Source],
    shapes: dict[str, tuple[int, ...]],
    dtype: torch.dtype = torch.float32,
    *,
    channels_last: bool = False,
) -> dict[str, Tensor]:
    return read_tensors(
        ModelFiles(path), read_header(path), sources, shapes, "cpu", dtype,
        channels_last=channels_last,
    )  # fmt: skip


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize("channels_last", [False, True])
def test_all_tensors_come_in_the_type_asked_for(
    path: Path, dtype: torch.dtype, channels_last: bool
) -> None:
    shapes = {name: tuple(tensor.shape) for name, tensor in STORED.items()}
    found = read(path, same_names(list(STORED)), shapes, dtype, channels_last=channels_last)

    assert found.keys() == STORED.keys()
    for name, tensor in STORED.items():
        assert torch.equal(found[name], tensor.half().to(dtype)), name
    layout = torch.channels_last if channels_last else torch.contiguous_format
    assert found["kernel"].is_contiguous(memory_format=layout)


def test_parts_turned_and_reshaped_tensors_come_as_the_key_map_says(path: Path) -> None:
    sources = {
        "second": Source("linear", part=1, parts=3),
        "turned": Source("wide", transposed=True),
        "joined": Source("linear", joined=("linear",)),
    }
    shapes: dict[str, tuple[int, ...]] = {
        "second": (2, 8), "turned": (PIECE + 5, 3), "joined": (12, 8)
    }  # fmt: skip
    found = read(path, sources, shapes)
    linear = STORED["linear"].half().float()[:, :, 0, 0]

    assert torch.equal(found["second"], linear[2:4])
    assert torch.equal(found["turned"], STORED["wide"].half().float().T)
    assert torch.equal(found["joined"], torch.cat([linear, linear]))


def test_what_was_read_does_not_follow_the_file(path: Path) -> None:
    found = read(path, same_names(["bias"]), {"bias": (5,)})["bias"]
    before = found.clone()
    with path.open("r+b") as file:
        file.truncate(0)

    assert torch.equal(found, before)


@pytest.mark.parametrize("name", ["wide", "kernel"])
def test_a_file_that_became_shorter_is_refused(path: Path, name: str) -> None:
    header = read_header(path)
    with path.open("r+b") as file:
        file.truncate(header.tensors[name].begin + 3)

    with pytest.raises(CheckpointError, match=f"the file ends inside tensor {name}"):
        read_tensors(
            ModelFiles(path), header, same_names([name]), {name: tuple(STORED[name].shape)},
            "cpu", torch.float32,
        )  # fmt: skip


def test_what_is_no_float_is_refused(path: Path) -> None:
    header = Header({"bias": TensorInfo("I64", (5,), 8)}, {})

    with pytest.raises(CheckpointError, match="tensor bias has dtype I64, not a float"):
        read_tensors(
            ModelFiles(path), header, same_names(["bias"]), {"bias": (5,)}, "cpu", torch.float32
        )
