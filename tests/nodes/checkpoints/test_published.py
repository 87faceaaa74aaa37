"""A checkpoint in a published layout goes through detection and loading to the same numbers."""

from pathlib import Path

import pytest
import torch

from nodes.checkpoints.model_config import PartName
from nodes.checkpoints.model_file import load_autoencoder, load_text_encoder, load_unet
from nodes.checkpoints.recognition import read_checkpoint
from nodes.ldm.autoencoder import Autoencoder
from nodes.ldm.text_encoder import TextEncoder
from nodes.ldm.unet import UNet
from tests.nodes.checkpoints.published import FAMILIES, random_network, write_published


@pytest.fixture(params=FAMILIES)
def family(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_every_network_comes_back_bit_by_bit(family: str, tmp_path: Path) -> None:
    path = write_published(tmp_path / "model.safetensors", family, torch.float32)
    published = FAMILIES[family]

    unet, stage = load_unet(path), load_autoencoder(path)

    assert unet.config == published.unet
    assert stage.config == published.stage
    for loaded, made in (
        (unet, random_network(UNet(published.unet), 1)),
        (stage, random_network(Autoencoder(published.stage), 2)),
    ):
        expected = made.state_dict()
        assert loaded.state_dict().keys() == expected.keys()
        for name, tensor in loaded.state_dict().items():
            assert torch.equal(tensor, expected[name]), name


def test_every_text_encoder_comes_back_bit_by_bit(family: str, tmp_path: Path) -> None:
    path = write_published(tmp_path / "model.safetensors", family, torch.float32)
    parts: tuple[PartName, PartName] = ("text", "text_2")
    for seed, (part, text) in enumerate(zip(parts, FAMILIES[family].texts, strict=False), start=3):
        loaded = load_text_encoder(path, part=part)
        expected = random_network(TextEncoder(text.config), seed).state_dict()
        assert loaded.config == text.config
        for name, tensor in loaded.state_dict().items():
            assert torch.equal(tensor, expected[name]), name


def test_half_precision_files_are_read_into_the_type_asked_for(tmp_path: Path) -> None:
    path = write_published(tmp_path / "model.safetensors", "sd1")

    assert {t.dtype for t in load_unet(path).state_dict().values()} == {torch.float32}
    half = load_unet(path, dtype=torch.bfloat16)
    assert half.dtype == torch.bfloat16
    assert half.time_embed[0].weight.dtype == torch.float32


def test_averaged_weights_are_preferred(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    path = write_published(tmp_path / "model.safetensors", "sd1", torch.float32)
    tensors = load_file(path)
    prefix = "model.diffusion_model."
    for name in [name for name in tensors if name.startswith(prefix)]:
        averaged = ("diffusion_model." + name[len(prefix) :]).replace(".", "")
        tensors["model_ema." + averaged] = tensors[name] + 1
    save_file(tensors, path)

    expected = random_network(UNet(FAMILIES["sd1"].unet), 1).state_dict()
    for name, tensor in load_unet(path).state_dict().items():
        assert torch.equal(tensor, expected[name] + 1), name
    notes = {note.fact: note.value for note in read_checkpoint(path)[1].notes}
    assert notes["weights"] == "averaged (EMA)"
