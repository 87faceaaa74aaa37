"""Small models at random weights, of the same make as the real ones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from engine.disk import file_sha256
from engine.node import FileRef
from nodes import values
from nodes.checkpoints.model_config import ModelConfig, PartName
from nodes.checkpoints.model_file import save_model
from nodes.ldm.autoencoder import Autoencoder
from nodes.ldm.config import AutoencoderConfig, ScheduleConfig, UNetConfig
from nodes.ldm.judge import JudgeNetwork
from nodes.ldm.text_encoder import TextEncoder
from nodes.ldm.unet import UNet
from nodes.training.judge import judge_config
from nodes.training.words import text_config

CHANNELS, FACTOR, WIDTH = 4, 8, 32
FIRST_STAGE = AutoencoderConfig(
    ch=16,
    ch_mult=(1, 1, 2, 2),
    num_res_blocks=1,
    z_channels=CHANNELS,
    embed_dim=CHANNELS,
    mid_attention=False,
    norm_groups=16,
    scale_factor=0.7,
)


def unet_config(concat: bool) -> UNetConfig:
    """Shape of a denoiser; with `concat` it expects mask and masked latent."""
    return UNetConfig(
        in_channels=2 * CHANNELS + 1 if concat else CHANNELS,
        out_channels=CHANNELS,
        model_channels=32,
        num_res_blocks=1,
        attention_ds=(2,),
        channel_mult=(1, 2),
        num_heads=2,
        context_dim=WIDTH,
    )


@dataclass(frozen=True)
class TinyModels:
    """Model files in one folder, made once for all tests."""

    folder: Path

    def file(self, name: str) -> FileRef:
        path = self.folder / f"{name}.safetensors"
        return FileRef(path.name, file_sha256(path), path)

    @property
    def by_digest(self) -> dict[str, Path]:
        return {file_sha256(path): path for path in self.folder.iterdir()}

    @property
    def autoencoder(self) -> values.Autoencoder:
        return values.Autoencoder(self.file("autoencoder").sha256, CHANNELS, FACTOR)

    @property
    def unet(self) -> values.UNet:
        """The inpainting denoiser."""
        return values.UNet(self.file("inpainting").sha256, "eps")

    @property
    def plain_unet(self) -> values.UNet:
        """A denoiser without concat conditioning."""
        return values.UNet(self.file("plain").sha256, "eps")

    @property
    def text_encoder(self) -> values.TextEncoder:
        return values.TextEncoder(self.file("inpainting").sha256)

    @property
    def judge(self) -> values.Judge:
        return values.Judge(self.file("judge").sha256)


def make_tiny_models(folder: Path) -> TinyModels:
    """Write `autoencoder`, `inpainting`, `plain` and `judge`, no layer of them silent."""
    stage = ModelConfig(title="Tiny first stage", license="MIT", first_stage=FIRST_STAGE)
    _write(folder / "autoencoder.safetensors", {"first_stage": Autoencoder(FIRST_STAGE)}, stage)
    text = text_config(WIDTH)
    for name, concat in (("inpainting", True), ("plain", False)):
        unet = unet_config(concat)
        config = ModelConfig(
            title=f"Tiny {name}", license="MIT", unet=unet, text=text, schedule=ScheduleConfig()
        )
        parts: dict[PartName, nn.Module] = {"unet": UNet(unet), "text": TextEncoder(text)}
        _write(folder / f"{name}.safetensors", parts, config)
    judge = ModelConfig(title="Tiny judge", license="MIT", judge=judge_config())
    _write(folder / "judge.safetensors", {"judge": JudgeNetwork(judge_config())}, judge)
    return TinyModels(folder)


@torch.no_grad()
def _write(path: Path, parts: dict[PartName, nn.Module], config: ModelConfig) -> None:
    generator = torch.Generator().manual_seed(0)
    for network in parts.values():
        for parameter in network.parameters():  # also those that a new network leaves at zero
            parameter.add_(torch.randn(parameter.shape, generator=generator), alpha=0.05)
    save_model(path, parts, config)
