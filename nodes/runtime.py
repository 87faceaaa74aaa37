"""From a reference to a network in memory: the one place where stage nodes meet weights.

Weights are read on first use, through the engine's per-process cache, and are never changed: what
is cached under a reference is what the file holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from engine.node import Context, OutOfMemoryError
from nodes import values
from nodes.checkpoints import model_file
from nodes.checkpoints.controlnet_file import load_controlnet
from nodes.checkpoints.files import ModelFiles
from nodes.checkpoints.inversion_file import load_vectors
from nodes.checkpoints.lora.patched import patched_reader, patched_unet
from nodes.checkpoints.model_config import PartName
from nodes.checkpoints.recognition import part_size, read_checkpoint
from nodes.checkpoints.taesd_file import load_tiny_decoder
from nodes.checkpoints.text_readers import load_prompt_reader
from nodes.control_values import Control
from nodes.ldm.autoencoder import Autoencoder
from nodes.ldm.class_embedding import ClassEmbedding, LabelMap
from nodes.ldm.config import LARGE
from nodes.ldm.control import Control as Shown
from nodes.ldm.control import controlled
from nodes.ldm.controlnet import ControlNet
from nodes.ldm.guidance import Network
from nodes.ldm.judge import JudgeNetwork
from nodes.ldm.own_words import with_words
from nodes.ldm.prompt_reader import ClipReader, PromptReader, WordReader
from nodes.ldm.segmenter import SegmenterNetwork
from nodes.ldm.taesd import TinyDecoder
from nodes.ldm.tiled import decoded
from nodes.ldm.unet import UNet

_NO_MEMORY = re.compile(r"can't allocate memory|not enough memory|out of memory")
_WANTED = re.compile(r"tried to allocate ([\d.]+) (\w+)", re.IGNORECASE)


@dataclass(frozen=True)
class OpenAutoencoder:
    """A first stage ready to compute; latents are z * scale."""

    network: Autoencoder
    scale: float
    device: torch.device

    def decode(self, z: Tensor, tile: int = 0) -> Tensor:
        """Decode scaled latents B c h w to pictures B 3 H W, about [-1, 1]; see `decoded`."""
        return decoded(self.network, z.to(self.device) / self.scale, tile)


@dataclass(frozen=True)
class OpenUNet:
    """A denoiser ready to compute."""

    network: UNet
    device: torch.device


def model_files(ctx: Context, part: values.ModelPart) -> ModelFiles:
    """Where the model is that `part` refers to; every file of it is still what the check saw."""
    beside = {name: ctx.blob(sha256) for name, sha256 in part.beside}
    return ModelFiles(ctx.blob(part.sha256), beside)


def open_autoencoder(ctx: Context, part: values.Autoencoder) -> OpenAutoencoder:
    """The first stage that `part` refers to."""
    device = device_of(ctx)

    def load() -> OpenAutoencoder:
        files = model_files(ctx, part)
        dtype = _type_of(ctx, files, "first_stage")
        network = model_file.load_autoencoder(files, device, dtype)
        scale = part.scale_factor or network.config.scale_factor
        return OpenAutoencoder(network, scale, device)

    return ctx.resource(f"{part} {device} {ctx.settings.numerics}", load)


def open_unet(ctx: Context, part: values.UNet) -> OpenUNet:
    """The denoiser that `part` refers to."""
    device = device_of(ctx)

    name = f"{part} {device} {ctx.settings.numerics}"

    def load() -> OpenUNet:
        files = model_files(ctx, part)
        network = model_file.load_unet(files, device, _type_of(ctx, files, "unet"), part.heads)
        return OpenUNet(network, device)

    if part.patches:
        base = open_unet(ctx, replace(part, patches=()))
        return ctx.resource(
            name, lambda: replace(base, network=patched_unet(base.network, _patches(ctx, part)))
        )
    return ctx.resource(name, load)


def with_control(ctx: Context, model: OpenUNet, control: Control | None, last: int) -> Network:
    """The denoiser together with the ControlNets beside it; `last` is the timestep of noise."""
    if control is None:
        return model.network
    shown = [
        Shown(
            open_controlnet(ctx, hint.sha256),
            hint.picture.to(model.device),
            hint.strength,
            hint.start,
            hint.end,
        )
        for hint in control.hints
    ]
    return controlled(model.network, shown, last)


def open_controlnet(ctx: Context, sha256: str) -> ControlNet:
    """The ControlNet in a file."""
    device = device_of(ctx)
    return ctx.resource(
        f"controlnet {sha256} {device}", lambda: load_controlnet(ctx.blob(sha256), device)
    )


def open_tiny_decoder(ctx: Context, sha256: str) -> TinyDecoder:
    """The tiny decoder of previews in a file."""
    device = device_of(ctx)
    return ctx.resource(
        f"taesd {sha256} {device}", lambda: load_tiny_decoder(ctx.blob(sha256), device)
    )


def open_text_encoder(ctx: Context, part: values.TextEncoder) -> PromptReader:
    """The text encoders of the file that `part` refers to, with their tokenizer."""
    device = device_of(ctx)

    def load() -> PromptReader:
        return load_prompt_reader(model_files(ctx, part), device)

    plain = replace(part, patches=(), own_words=())
    base = ctx.resource(f"{plain} {device}", load)
    if part == plain:
        return base
    return ctx.resource(f"{part} {device}", lambda: _changed_reader(ctx, base, part))


def _changed_reader(ctx: Context, reader: PromptReader, part: values.TextEncoder) -> PromptReader:
    """Text encoders with the LoRAs and the words of one's own that go with the reference."""
    if part.patches:
        reader = patched_reader(reader, _patches(ctx, part))
    if not part.own_words:
        return reader
    if not isinstance(reader, ClipReader):
        raise ValueError("words of one's own are for CLIP, and this text encoder is another")
    device = device_of(ctx)
    words = {name: load_vectors(ctx.blob(sha256), device) for name, sha256 in part.own_words}
    return with_words(reader, words)


def _patches(ctx: Context, part: values.ModelPart) -> list[tuple[Path, float]]:
    """The LoRA files that are added to a network, with their strengths."""
    return [(ctx.blob(sha256), strength) for sha256, strength in part.patches]


def open_word_encoder(ctx: Context, part: values.TextEncoder) -> WordReader:
    """The same, where it must know a small vocabulary of words.

    Raises:
        ValueError: When it is of another kind.
    """
    reader = open_text_encoder(ctx, part)
    if not isinstance(reader, WordReader):
        raise ValueError("the text encoder is not one that was trained here; link one that was")
    return reader


def open_class_embedding(ctx: Context, part: values.TextEncoder) -> ClassEmbedding:
    """The tokens of the classes in the file that `part` refers to."""
    device = device_of(ctx)

    def load() -> ClassEmbedding:
        return model_file.load_class_embedding(model_files(ctx, part), device)

    return ctx.resource(f"{part} {device}", load)


def open_label_map(ctx: Context, part: values.UNet) -> LabelMap:
    """What brings label maps to the channels that the denoiser sees, of the same file."""
    device = device_of(ctx)

    def load() -> LabelMap:
        return model_file.load_label_map(model_files(ctx, part), device)

    return ctx.resource(f"label map {part} {device}", load)


def open_segmenter(ctx: Context, part: values.ModelPart) -> SegmenterNetwork:
    """The network that labels every pixel which `part` refers to."""
    device = device_of(ctx)

    def load() -> SegmenterNetwork:
        return model_file.load_segmenter(model_files(ctx, part), device)

    return ctx.resource(f"segmenter {part} {device}", load)


def open_judge(ctx: Context, part: values.Judge) -> JudgeNetwork:
    """The classifier that `part` refers to."""
    device = device_of(ctx)

    def load() -> JudgeNetwork:
        return model_file.load_judge(model_files(ctx, part), device)

    return ctx.resource(f"{part} {device}", load)


def type_for(numerics: str, weights: int) -> torch.dtype:
    """The type to hold a first stage or denoiser in, which is that of its matrix products.

    They take nearly all of the time; text encoders and judges run once and stay in float32. `auto`
    is fast for networks of at least `LARGE` weights, so that small ones keep their bits; a run has
    it only where bfloat16 is faster. Nothing else counts than what is in a result's key.

    Args:
        numerics: auto, fast or reference.
        weights: How many the network has.
    """
    fast = {"fast": True, "auto": weights >= LARGE}.get(numerics, False)
    return torch.bfloat16 if fast else torch.float32


def _type_of(ctx: Context, files: ModelFiles, part: PartName) -> torch.dtype:
    header, checkpoint = read_checkpoint(files)
    return type_for(ctx.settings.numerics, part_size(header, checkpoint.maps.get(part, {})))


def device_of(ctx: Context) -> torch.device:
    """Where this run computes.

    Raises:
        ValueError: When the device is not there.
    """
    device = torch.device(ctx.settings.device)
    seen = {"cuda": torch.cuda.device_count(), "mps": int(torch.backends.mps.is_available())}
    if (device.index or 0) >= seen.get(device.type, 1):
        found = seen[device.type] or "none"
        raise ValueError(f"the device is {device} but torch sees {found}; run with --device cpu")
    return device


@contextmanager
def computing(ctx: Context) -> Iterator[None]:
    """Compute without gradients.

    Raises:
        OutOfMemoryError: When torch finds no memory, with what to lower.
    """
    device = device_of(ctx)
    _use_threads(ctx.settings.threads)
    with _memory_told(device), torch.no_grad():
        yield


def _use_threads(threads: int | None) -> None:
    """Let this thread's tensor operations use so many cores; torch keeps the number by thread."""
    if threads is not None and torch.get_num_threads() != threads:
        torch.set_num_threads(threads)


@contextmanager
def _memory_told(device: torch.device) -> Iterator[None]:
    """Turn torch's many ways to run out of memory into the one the engine knows."""
    try:
        yield
    except RuntimeError as error:
        if not (isinstance(error, torch.OutOfMemoryError) or _NO_MEMORY.search(str(error))):
            raise
        raise OutOfMemoryError(
            f"there is not enough memory on {device}{_wanted(str(error))}; use a smaller size or a "
            "smaller batch"
        ) from None


def _wanted(message: str) -> str:
    """Say how much was wanted, where torch says it: in bytes on the CPU, in GiB on a GPU."""
    found = _WANTED.search(message)
    if found is None:
        return ""
    amount = f"{int(found[1]) / 1e9:.1f} GB" if found[2] == "bytes" else f"{found[1]} {found[2]}"
    return f" (it wanted {amount} at once)"
