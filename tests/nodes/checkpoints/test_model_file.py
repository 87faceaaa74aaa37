from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from nodes.checkpoints.header import CheckpointError, read_header
from nodes.checkpoints.model_config import ModelConfig, PartName, read_model_config
from nodes.checkpoints.model_file import (
    load_autoencoder,
    load_judge,
    load_text_encoder,
    load_unet,
    save_model,
)
from nodes.ldm.autoencoder import Autoencoder
from nodes.ldm.config import AutoencoderConfig, JudgeConfig, ScheduleConfig, UNetConfig
from nodes.ldm.judge import JudgeNetwork
from nodes.ldm.text_config import TextEncoderConfig
from nodes.ldm.text_encoder import TextEncoder
from nodes.ldm.unet import UNet

CONFIG = ModelConfig(
    title="Scenes",
    license="CC0-1.0",
    first_stage=AutoencoderConfig(
        ch=8, ch_mult=(1, 2), num_res_blocks=1, norm_groups=8, n_embed=16, scale_factor=0.9
    ),
    unet=UNetConfig(
        model_channels=8, num_res_blocks=1, channel_mult=(1, 2), num_heads=2, norm_groups=8,
        context_dim=8,
    ),
    text=TextEncoderConfig(vocab_size=4, width=8, layers=1, heads=2, words=("red", "blue")),
    judge=JudgeConfig(window=8, width=8, colours=("red", "blue"), shapes=("cube",)),
    schedule=ScheduleConfig(),
)  # fmt: skip
FIRST_STAGE_ONLY = replace(CONFIG, unet=None, text=None, judge=None, schedule=None)
Parts = dict[PartName, nn.Module]


@pytest.fixture
def parts() -> Parts:
    assert CONFIG.first_stage is not None
    assert CONFIG.unet is not None
    assert CONFIG.text is not None
    assert CONFIG.judge is not None
    return {
        "first_stage": Autoencoder(CONFIG.first_stage),
        "unet": UNet(CONFIG.unet),
        "text": TextEncoder(CONFIG.text),
        "judge": JudgeNetwork(CONFIG.judge),
    }


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.safetensors"


def test_networks_come_back_with_their_weights_and_config(path: Path, parts: Parts) -> None:
    save_model(path, parts, CONFIG)
    loaded = [load_autoencoder(path), load_unet(path), load_text_encoder(path), load_judge(path)]

    assert read_model_config(path) == CONFIG
    for network, saved in zip(loaded, parts.values(), strict=True):
        assert not network.training
        assert same_weights(network, saved)


def test_tensors_have_the_names_of_published_checkpoints(path: Path, parts: Parts) -> None:
    save_model(path, parts, CONFIG)
    names = read_header(path).tensors

    assert "first_stage_model.quantize.embedding.weight" in names
    assert "model.diffusion_model.input_blocks.0.0.weight" in names
    assert "cond_stage_model.transformer.text_model.final_layer_norm.weight" in names


def test_equal_models_are_equal_bytes(path: Path, parts: Parts) -> None:
    save_model(path, parts, CONFIG)
    first = path.read_bytes()
    save_model(path, dict(reversed(parts.items())), CONFIG)

    assert path.read_bytes() == first


def test_weights_can_be_stored_in_half_the_room_and_loaded_in_any_type(
    path: Path, parts: Parts
) -> None:
    save_model(path, parts, CONFIG, dtype=torch.float16)
    single, half = load_unet(path), load_unet(path, dtype=torch.bfloat16)

    assert {info.dtype for info in read_header(path).tensors.values()} == {"F16"}
    assert same_weights(single, parts["unet"].half().float())
    assert half.dtype == torch.bfloat16


def test_loaded_weights_can_be_trained_without_touching_the_file(path: Path, parts: Parts) -> None:
    save_model(path, parts, CONFIG)
    before = path.read_bytes()
    unet = load_unet(path)
    with torch.no_grad():
        for parameter in unet.parameters():
            parameter.add_(1.0)

    assert path.read_bytes() == before
    assert all(parameter.requires_grad for parameter in unet.parameters())


def test_a_part_that_is_not_inside_is_missed_by_name(path: Path, parts: Parts) -> None:
    save_model(path, {"first_stage": parts["first_stage"]}, FIRST_STAGE_ONLY)

    with pytest.raises(CheckpointError, match=r"model\.safetensors: holds first_stage but no unet"):
        load_unet(path)


def test_missing_unexpected_and_misshapen_tensors_are_named(path: Path, parts: Parts) -> None:
    save_model(path, {"first_stage": parts["first_stage"]}, FIRST_STAGE_ONLY)
    tensors, metadata = load_file(path), FIRST_STAGE_ONLY.to_metadata()
    name = "first_stage_model.encoder.conv_in.bias"

    save_file({k: v for k, v in tensors.items() if k != name}, path, metadata)
    with pytest.raises(CheckpointError, match=f"1 tensors are missing, first {name}"):
        load_autoencoder(path)

    save_file(tensors | {"first_stage_model.more": torch.zeros(1)}, path, metadata)
    with pytest.raises(CheckpointError, match=r"unexpected, first first_stage_model\.more"):
        load_autoencoder(path)

    save_file(tensors | {name: torch.zeros(9)}, path, metadata)
    with pytest.raises(CheckpointError, match=r"conv_in\.bias' has shape \[9\], .* expects \[8\]"):
        load_autoencoder(path)

    save_file(tensors | {name: torch.zeros(8, dtype=torch.int8)}, path, metadata)
    with pytest.raises(CheckpointError, match=r"conv_in\.bias has dtype I8, not a float"):
        load_autoencoder(path)

    save_file(tensors | {"optimizer.step": torch.zeros(1)}, path, metadata)
    with pytest.raises(CheckpointError, match=r"'optimizer\.step' belongs to none of first_stage"):
        load_autoencoder(path)


def test_a_config_for_a_vast_network_is_refused_before_anything_is_allocated(
    path: Path, parts: Parts
) -> None:
    vast = replace(AutoencoderConfig(), ch=2**20, in_channels=2**20)
    assert CONFIG.first_stage is not None
    save_model(
        path, {"first_stage": parts["first_stage"]}, replace(FIRST_STAGE_ONLY, first_stage=vast)
    )

    with pytest.raises(CheckpointError, match="tensors are missing"):
        load_autoencoder(path)


def test_a_failed_save_leaves_the_old_file_and_nothing_else(path: Path, parts: Parts) -> None:
    save_model(path, parts, CONFIG)
    before = path.read_bytes()
    broken = nn.Linear(1, 1)
    broken.weight = nn.Parameter(torch.empty(1, 1, device="meta"))

    with pytest.raises(NotImplementedError):
        save_model(path, parts | {"unet": broken}, CONFIG)
    with pytest.raises(ValueError, match="parts are"):
        save_model(path, {"unet": parts["unet"]}, CONFIG)

    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def same_weights(a: nn.Module, b: nn.Module) -> bool:
    ours, theirs = a.state_dict(), b.state_dict()
    return ours.keys() == theirs.keys() and all(torch.equal(ours[k], theirs[k]) for k in ours)
