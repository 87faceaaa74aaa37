"""The tiny autoencoder, in its own files and in diffusers', computes what diffusers computes."""

from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import AutoencoderTiny
from safetensors.torch import save_file
from torch import Tensor

from nodes.checkpoints.detection.taesd import taesd_config
from nodes.checkpoints.header import CheckpointError, Header, TensorInfo
from nodes.checkpoints.layouts.taesd import taesd_shapes
from nodes.checkpoints.taesd_file import load_tiny_decoder, load_tiny_encoder
from nodes.ldm.taesd import TinyDecoder, TinyEncoder
from nodes.ldm.taesd_config import TaesdConfig
from tests.nodes.checkpoints.loading import error, randomized


@pytest.fixture(scope="module")
def reference() -> Any:
    widths = (16, 16, 16, 16)
    return randomized(
        AutoencoderTiny(encoder_block_out_channels=widths, decoder_block_out_channels=widths)
    )


def as_published(reference: Any, folder: Path) -> tuple[Path, Path]:
    """Two files; the decoder's counts its clamp as layer 0."""
    files = (folder / "taesd_encoder.safetensors", folder / "taesd_decoder.safetensors")
    for path, half, shift in zip(files, ("encoder", "decoder"), (0, 1), strict=True):
        tensors: dict[str, Tensor] = {}
        for name, tensor in getattr(reference, half).layers.state_dict().items():
            number, _, rest = name.partition(".")
            tensors[f"{int(number) + shift}.{rest}"] = tensor
        save_file(tensors, path)
    return files


@pytest.mark.parametrize("layout", ["published", "diffusers"])
@torch.no_grad()
def test_both_halves_compute_what_diffusers_computes(
    reference: Any, layout: str, tmp_path: Path
) -> None:
    encoder_file = decoder_file = tmp_path / "both.safetensors"
    save_file(reference.state_dict(), encoder_file)
    if layout == "published":
        encoder_file, decoder_file = as_published(reference, tmp_path)
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(3, 3, 32, 48, generator=generator)
    z = 3 * torch.randn(3, 4, 4, 6, generator=generator)
    latents = reference.encode(2 * x - 1).latents
    pictures = (reference.decode(z).sample + 1) / 2
    assert error(load_tiny_encoder(encoder_file)(x), latents) < 1e-5
    assert error(load_tiny_decoder(decoder_file)(z), pictures) < 1e-5


def test_the_published_halves_have_the_published_size() -> None:
    config = TaesdConfig()
    with torch.device("meta"):
        halves = {"encoder": TinyEncoder(config), "decoder": TinyDecoder(config)}
    for half, network in halves.items():
        expected = taesd_shapes(config, "encoder" if half == "encoder" else "decoder")
        assert {n: tuple(t.shape) for n, t in network.state_dict().items()} == expected
        millions = sum(p.numel() for p in network.parameters()) / 1e6
        assert millions == pytest.approx(1.2225, abs=0.0005)


@pytest.mark.parametrize("prefixes", [("", ""), ("taesd_encoder.", "taesd_decoder.")])
def test_halves_are_found_alone_and_side_by_side(prefixes: tuple[str, str]) -> None:
    config = TaesdConfig(width=32, latent_channels=16)
    encoder = {prefixes[0] + n: s for n, s in taesd_shapes(config, "encoder").items()}
    decoder = {prefixes[1] + n: s for n, s in taesd_shapes(config, "decoder").items()}
    assert taesd_config(header(encoder)).config == config
    assert list(taesd_config(header(decoder)).maps) == ["decoder"]
    if prefixes[0]:
        assert list(taesd_config(header({**encoder, **decoder})).maps) == ["encoder", "decoder"]


def header(shapes: dict[str, tuple[int, ...]]) -> Header:
    return Header({name: TensorInfo("F16", shape) for name, shape in shapes.items()}, {})


@pytest.mark.parametrize(
    ("shapes", "said"),
    [
        ({}, "no tensor at all"),
        ({"0.weight": (4, 4)}, "no TAESD"),
        ({"1.weight": (64, 4, 3, 3)}, "tensors are missing"),
        ({**taesd_shapes(TaesdConfig(), "decoder"), "extra": (1,)}, "none of TAESD, first extra"),
    ],
)
def test_what_is_no_tiny_autoencoder_is_refused(
    shapes: dict[str, tuple[int, ...]], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        taesd_config(header(shapes))


def test_a_half_that_is_not_there_is_named(reference: Any, tmp_path: Path) -> None:
    encoder_file, _ = as_published(reference, tmp_path)
    with pytest.raises(CheckpointError, match=r"taesd_encoder.*encoder but no decoder"):
        load_tiny_decoder(encoder_file)
