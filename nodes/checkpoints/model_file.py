"""Load networks from model files, strictly, and save them, atomically and byte for byte alike."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from nodes.checkpoints.detection.fitting import check_fit
from nodes.checkpoints.files import ModelFiles
from nodes.checkpoints.header import CheckpointError
from nodes.checkpoints.model_config import PREFIXES, ModelConfig, PartName
from nodes.checkpoints.overrides import HeadsChoice, with_heads
from nodes.checkpoints.reading import read_tensors
from nodes.checkpoints.recognition import read_checkpoint
from nodes.checkpoints.skeleton import skeleton
from nodes.checkpoints.source import KeyMap
from nodes.ldm.autoencoder import Autoencoder
from nodes.ldm.bert import BertEncoder
from nodes.ldm.class_embedding import ClassEmbedding, LabelMap
from nodes.ldm.config import LARGE
from nodes.ldm.judge import JudgeNetwork
from nodes.ldm.noisy_classifier import NoisyClassifier
from nodes.ldm.precision import by_type
from nodes.ldm.segmenter import SegmenterNetwork
from nodes.ldm.text_encoder import TextEncoder
from nodes.ldm.unet import UNet

NetworkT = TypeVar("NetworkT", bound=nn.Module)
Device = torch.device | str


def load_autoencoder(
    path: Path | ModelFiles, device: Device = "cpu", dtype: torch.dtype = torch.float32
) -> Autoencoder:
    """Load the first stage of a model file.

    Raises:
        CheckpointError: The file lacks it, or its tensors are not exactly those of its config.
    """
    return _load(path, "first_stage", Autoencoder, device, dtype)


def load_unet(
    path: Path | ModelFiles,
    device: Device = "cpu",
    dtype: torch.dtype = torch.float32,
    heads: HeadsChoice = "as detected",
) -> UNet:
    """Load the denoiser of a model file, its attention divided as the file says or as chosen.

    Raises:
        CheckpointError: The file lacks it, or its tensors are not exactly those of its config.
    """
    return _load(path, "unet", lambda config: UNet(with_heads(config, heads)), device, dtype)


def load_text_encoder(
    path: Path | ModelFiles,
    device: Device = "cpu",
    dtype: torch.dtype = torch.float32,
    part: PartName = "text",
) -> TextEncoder:
    """Load the text encoder of a model file, or the second one, `text_2`.

    Raises:
        CheckpointError: The file lacks it, or its tensors are not exactly those of its config.
    """
    return _load(path, part, TextEncoder, device, dtype)


def load_bert(
    path: Path | ModelFiles, device: Device = "cpu", dtype: torch.dtype = torch.float32
) -> BertEncoder:
    """Load the text transformer of one of the paper's own models.

    Raises:
        CheckpointError: The file lacks it, or its tensors are not exactly those of its config.
    """
    return _load(path, "bert", BertEncoder, device, dtype)


def load_class_embedding(path: Path | ModelFiles, device: Device = "cpu") -> ClassEmbedding:
    """Load the tokens of a model file's classes, in float32.

    Raises:
        CheckpointError: The file lacks it, or its tensors are not exactly those of its config.
    """
    return _load(path, "class_embedding", ClassEmbedding, device, torch.float32)


def load_label_map(path: Path | ModelFiles, device: Device = "cpu") -> LabelMap:
    """Load what brings a model's label maps to few channels, in float32.

    Raises:
        CheckpointError: The file lacks it, or its tensors are not exactly those of its config.
    """
    return _load(path, "label_map", LabelMap, device, torch.float32)


def load_segmenter(path: Path | ModelFiles, device: Device = "cpu") -> SegmenterNetwork:
    """Load the network of a model file that labels every pixel, in float32.

    Raises:
        CheckpointError: The file lacks it, or its tensors are not exactly those of its config.
    """
    return _load(path, "segmenter", SegmenterNetwork, device, torch.float32)


def load_classifier(path: Path | ModelFiles, device: Device = "cpu") -> NoisyClassifier:
    """Load the classifier of noisy latents of a model file, in float32.

    Raises:
        CheckpointError: The file lacks it, or its tensors are not exactly those of its config.
    """
    return _load(path, "classifier", NoisyClassifier, device, torch.float32)


def load_judge(path: Path | ModelFiles, device: Device = "cpu") -> JudgeNetwork:
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
    model: Path | ModelFiles,
    part: PartName,
    build: Callable[[Any], NetworkT],
    device: Device,
    dtype: torch.dtype,
) -> NetworkT:
    files = ModelFiles.of(model)
    header, checkpoint = read_checkpoint(files)
    config = checkpoint.config
    if part not in config.parts:
        raise CheckpointError(f"{files.name}: holds {', '.join(config.parts)} but no {part}")
    network = skeleton(lambda: build(getattr(config, part)))
    shapes = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    sources = checkpoint.maps[part]
    try:
        _check_names(sources, shapes, PREFIXES[part])
        check_fit(shapes, sources, {name: info.shape for name, info in header.tensors.items()})
        large = sum(tensor.numel() for tensor in network.state_dict().values()) >= LARGE
        tensors: dict[str, Tensor] = {}
        for held, names in by_type(sources, dtype).items():
            some = {name: sources[name] for name in names}
            last = large or held is torch.bfloat16  # convolutions are faster, sums in other order
            tensors |= read_tensors(files, header, some, shapes, device, held, channels_last=last)
    except (ValueError, OSError) as error:
        raise CheckpointError(f"{files.name}: {error}") from error
    network.load_state_dict(tensors, assign=True)
    return network.eval()


def _check_names(sources: KeyMap, shapes: Mapping[str, tuple[int, ...]], prefix: str) -> None:
    for fault, names in (
        ("are missing", shapes.keys() - sources.keys()),
        ("are unexpected", sources.keys() - shapes.keys()),
    ):
        if names:
            first = ", ".join(prefix + name for name in sorted(names)[:3])
            raise ValueError(f"{len(names)} tensors {fault}, first {first}")
