"""Load networks from model files, strictly, and save them, atomically and byte for byte alike."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from nodes.checkpoints.header import CheckpointError, Header, read_header
from nodes.checkpoints.model_config import PREFIXES, ModelConfig, PartName, config_of
from nodes.ldm.autoencoder import Autoencoder
from nodes.ldm.judge import JudgeNetwork
from nodes.ldm.text_encoder import TextEncoder
from nodes.ldm.unet import UNet

NetworkT = TypeVar("NetworkT", bound=nn.Module)
Device = torch.device | str


def load_autoencoder(
    path: Path, device: Device = "cpu", dtype: torch.dtype = torch.float32
) -> Autoencoder:
    """Load the first stage of a model file.

    Raises:
        CheckpointError: The file lacks it, or its tensors are not exactly those of its config.
    """
    return _load(path, "first_stage", Autoencoder, device, dtype)


def load_unet(path: Path, device: Device = "cpu", dtype: torch.dtype = torch.float32) -> UNet:
    """Load the denoiser of a model file.

    Raises:
        CheckpointError: The file lacks it, or its tensors are not exactly those of its config.
    """
    return _load(path, "unet", UNet, device, dtype)


def load_text_encoder(
    path: Path, device: Device = "cpu", dtype: torch.dtype = torch.float32
) -> TextEncoder:
    """Load the text encoder of a model file.

    Raises:
        CheckpointError: The file lacks it, or its tensors are not exactly those of its config.
    """
    return _load(path, "text", TextEncoder, device, dtype)


def load_judge(path: Path, device: Device = "cpu") -> JudgeNetwork:
    """Load the classifier of a model file, in float32.

    Raises:
        CheckpointError: The file lacks it, or its tensors are not exactly those of its config.
    """
    return _load(path, "judge", JudgeNetwork, device, torch.float32)


def save_model(
    path: Path,
    parts: Mapping[PartName, nn.Module],
    config: ModelConfig,
    dtype: torch.dtype | None = None,
) -> None:
    """Write a model file; readers see the old one or the whole new one.

    Args:
        path: The file, `.safetensors`; replaced if it exists.
        parts: The networks by part name, as `config.parts` lists them.
        config: What the file says about itself.
        dtype: Type to store in, such as float16; None stores as it is.

    Raises:
        ValueError: `parts` are not those of `config`.
    """
    if set(parts) != set(config.parts):
        raise ValueError(f"parts are {sorted(parts)}, the config describes {sorted(config.parts)}")
    tensors = {
        PREFIXES[part] + name: tensor.detach().to("cpu", dtype).contiguous()
        for part, network in parts.items()
        for name, tensor in network.state_dict().items()
    }
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        temporary.touch(exist_ok=False)
        mode = temporary.stat().st_mode  # the user's default, which the writer below narrows
        save_file(tensors, temporary, config.to_metadata())
        temporary.chmod(mode)
        _flush(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _load(
    path: Path,
    part: PartName,
    build: Callable[[Any], NetworkT],
    device: Device,
    dtype: torch.dtype,
) -> NetworkT:
    header = read_header(path)
    config = config_of(header, path)
    if part not in config.parts:
        raise CheckpointError(f"{path.name}: holds {', '.join(config.parts)} but no {part}")
    with torch.device("meta"):  # shapes only: nothing is allocated before the file is checked
        network = build(getattr(config, part))
    try:
        _check_tensors(header, PREFIXES[part], network.state_dict())
        tensors = _read(path, PREFIXES[part], list(network.state_dict()), device, dtype)
    except (ValueError, SafetensorError) as error:
        raise CheckpointError(f"{path.name}: {error}") from error
    network.load_state_dict(tensors, assign=True)
    return network.eval()


def _check_tensors(header: Header, prefix: str, expected: Mapping[str, Tensor]) -> None:
    stored = {n.removeprefix(prefix): t for n, t in header.tensors.items() if n.startswith(prefix)}
    for fault, names in (
        ("are missing", expected.keys() - stored.keys()),
        ("are unexpected", stored.keys() - expected.keys()),
    ):
        if names:
            first = ", ".join(prefix + name for name in sorted(names)[:3])
            raise ValueError(f"{len(names)} tensors {fault}, first {first}")
    for name, tensor in expected.items():
        if stored[name].shape != tuple(tensor.shape):
            raise ValueError(
                f"tensor {prefix + name} has shape {list(stored[name].shape)},"
                f" its config expects {list(tensor.shape)}"
            )
        if stored[name].dtype not in ("F16", "BF16", "F32", "F64"):
            raise ValueError(f"tensor {prefix + name} has dtype {stored[name].dtype}, not a float")


def _read(
    path: Path, prefix: str, names: list[str], device: Device, dtype: torch.dtype
) -> dict[str, Tensor]:
    with safe_open(path, framework="pt") as file:
        # A copy, because a mapped tensor would follow whoever writes into the file later.
        return {n: file.get_tensor(prefix + n).to(device, dtype, copy=True) for n in names}
