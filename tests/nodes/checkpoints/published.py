"""Checkpoints in the published layouts at reduced width, with random weights, made on the fly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from nodes.checkpoints.layouts.open_clip import open_clip_map
from nodes.checkpoints.source import KeyMap, same_names
from nodes.ldm.autoencoder import Autoencoder
from nodes.ldm.config import AutoencoderConfig, UNetConfig
from nodes.ldm.text_config import CLIP_L, TextEncoderConfig
from nodes.ldm.text_encoder import TextEncoder
from nodes.ldm.unet import UNet

WIDTH = 64
STAGE = AutoencoderConfig(ch=32, scale_factor=0.18215)
CLIP = replace(CLIP_L, width=WIDTH, layers=2, heads=1)
OPEN_CLIP = replace(CLIP, activation="gelu", pad=0, skip_layers=1)
CLIP_XL = replace(CLIP, skip_layers=1, final_norm=False)
WIDE_OPEN_CLIP = replace(OPEN_CLIP, width=WIDTH + 32)
OPEN_CLIP_XL = replace(OPEN_CLIP, final_norm=False, projection=WIDTH)

SD1 = UNetConfig(model_channels=32, num_heads=8, context_dim=WIDTH)
SD2 = UNetConfig(
    model_channels=64, num_head_channels=64, context_dim=WIDTH, use_linear_projection=True
)
SDXL = UNetConfig(
    model_channels=64,
    channel_mult=(1, 2, 4),
    attention_ds=(4, 2),
    transformer_depth=(0, 1, 2),
    num_head_channels=64,
    context_dim=2 * WIDTH,
    use_linear_projection=True,
    adm_in_channels=WIDTH + 6 * 256,
)


REFINER = UNetConfig(
    model_channels=64,
    channel_mult=(1, 2, 4, 4),
    attention_ds=(4, 2),
    transformer_depth=2,
    num_head_channels=64,
    context_dim=WIDTH,
    use_linear_projection=True,
    adm_in_channels=WIDTH + 5 * 256,
)


UPSCALER = UNetConfig(
    in_channels=7,
    model_channels=32,
    channel_mult=(1, 2, 2, 4),
    attention_ds=(8, 4, 2),
    num_heads=8,
    context_dim=WIDTH + 32,
    use_linear_projection=True,
    context_only=(1, 2),
    num_classes=1000,
)


@dataclass(frozen=True)
class Text:
    """A text encoder and where a family keeps it."""

    config: TextEncoderConfig
    prefix: str
    names: Callable[[TextEncoderConfig, Mapping[str, Tensor]], KeyMap]


def _as_ours(config: TextEncoderConfig, tensors: Mapping[str, Tensor]) -> KeyMap:
    del config
    return same_names(tensors)


def _open_clip(config: TextEncoderConfig, tensors: Mapping[str, Tensor]) -> KeyMap:
    del tensors
    return open_clip_map(config)


@dataclass(frozen=True)
class Published:
    """One family at reduced width."""

    unet: UNetConfig
    stage: AutoencoderConfig
    texts: tuple[Text, ...]


_HF, _OPEN = "transformer.text_model.", "model."
FAMILIES: dict[str, Published] = {
    "sd1": Published(SD1, STAGE, (Text(CLIP, f"cond_stage_model.{_HF}", _as_ours),)),
    "sd1_inpaint": Published(
        replace(SD1, in_channels=9), STAGE, (Text(CLIP, f"cond_stage_model.{_HF}", _as_ours),)
    ),
    "sd2": Published(SD2, STAGE, (Text(OPEN_CLIP, f"cond_stage_model.{_OPEN}", _open_clip),)),
    "sdxl": Published(
        SDXL,
        replace(STAGE, scale_factor=0.13025),
        (
            Text(CLIP_XL, f"conditioner.embedders.0.{_HF}", _as_ours),
            Text(OPEN_CLIP_XL, f"conditioner.embedders.1.{_OPEN}", _open_clip),
        ),
    ),
    "sd2_upscaler": Published(
        UPSCALER,
        AutoencoderConfig(ch=32, ch_mult=(1, 2, 4), scale_factor=0.08333),
        (Text(WIDE_OPEN_CLIP, f"cond_stage_model.{_OPEN}", _open_clip),),
    ),
    "sdxl_refiner": Published(
        REFINER,
        replace(STAGE, scale_factor=0.13025),
        (Text(OPEN_CLIP_XL, f"conditioner.embedders.0.{_OPEN}", _open_clip),),
    ),
}


def random_network(network: nn.Module, seed: int = 0) -> nn.Module:
    """Fill a network with random numbers that keep signals about as large as they come in.

    No layer is zero or the identity, as freshly made ones may be, which would hide errors.
    """
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            gain = tensor.ndim == 1 and name.endswith("weight")
            spread = tensor[0].numel() ** -0.5 if tensor.ndim > 1 else 0.05
            tensor.normal_(1.0 if gain else 0.0, spread, generator=generator)
    return network.eval()


def stored(tensors: Mapping[str, Tensor], names: KeyMap) -> dict[str, Tensor]:
    """Write tensors as a key map says they are stored: the reverse of reading."""
    parts: dict[str, dict[int, Tensor]] = {}
    for ours, source in names.items():
        tensor = tensors[ours].transpose(-1, -2) if source.transposed else tensors[ours]
        parts.setdefault(source.name, {})[source.part] = tensor
    return {
        name: torch.cat([found[i] for i in sorted(found)]).contiguous()
        for name, found in parts.items()
    }


def published_tensors(family: str) -> dict[str, Tensor]:
    """All tensors of a checkpoint of a family, under their published names, float32."""
    found = FAMILIES[family]
    unet = random_network(UNet(found.unet), 1).state_dict()
    stage = random_network(Autoencoder(found.stage), 2).state_dict()
    tensors = {f"model.diffusion_model.{name}": tensor for name, tensor in unet.items()}
    tensors |= {f"first_stage_model.{name}": tensor for name, tensor in stage.items()}
    for seed, text in enumerate(found.texts, start=3):
        ours = random_network(TextEncoder(text.config), seed).state_dict()
        for name, tensor in stored(ours, text.names(text.config, ours)).items():
            tensors[text.prefix + name] = tensor
    return {**tensors, "betas": torch.zeros(1000), "alphas_cumprod": torch.zeros(1000)}


def write_published(path: Path, family: str, dtype: torch.dtype = torch.float16) -> Path:
    """Write a checkpoint of a family and return its path."""
    tensors = {n: t.to(dtype).contiguous() for n, t in published_tensors(family).items()}
    save_file(tensors, path)
    return path
