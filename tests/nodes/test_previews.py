"""Previews by a tiny autoencoder: what it decodes, what it never changes, what it refuses."""

import io
from pathlib import Path

import pytest
import torch
from PIL import Image as Picture
from safetensors.torch import save_file
from torch import Tensor

from engine.disk import file_sha256
from engine.node import FileRef, Inference, Settings, Snapshot
from nodes.checkpoints.taesd_file import load_tiny_decoder
from nodes.ldm.taesd import TinyDecoder, TinyEncoder
from nodes.ldm.taesd_config import TaesdConfig
from nodes.noise_schedule import noise_schedule
from nodes.previews import LARGEST, check_tiny, review_preview, snapshot, tell_tiny
from nodes.unet_denoise import unet_denoise
from nodes.values import Conditioning, Latent
from tests.nodes.checkpoints.loading import randomized
from tests.nodes.context import FolderContext
from tests.nodes.tiny import CHANNELS, WIDTH, TinyModels

CONFIG = TaesdConfig(width=8, latent_channels=CHANNELS)


@pytest.fixture(scope="module")
def decoder(tmp_path_factory: pytest.TempPathFactory) -> FileRef:
    path = tmp_path_factory.mktemp("models") / "taesd_decoder.safetensors"
    save_file(randomized(TinyDecoder(CONFIG)).state_dict(), path)
    return FileRef(path.name, file_sha256(path), path)


def context(folder: Path, decoder: FileRef) -> FolderContext:
    return FolderContext(folder, {decoder.sha256: decoder.path}, settings=Settings())


def shown(value: object) -> Tensor:
    assert isinstance(value, Snapshot)
    with Picture.open(io.BytesIO(value.data)) as picture:
        pixels = torch.frombuffer(bytearray(picture.convert("RGB").tobytes()), dtype=torch.uint8)
        return pixels.reshape(picture.height, picture.width, 3).permute(2, 0, 1) / 255


@torch.no_grad()
def test_a_preview_is_what_the_tiny_autoencoder_decodes(tmp_path: Path, decoder: FileRef) -> None:
    latent = torch.randn(2, CHANNELS, 5, 7)
    got = shown(snapshot(context(tmp_path, decoder), latent, decoder, 0.00085, vector=False))
    expected = load_tiny_decoder(decoder.path)(latent[:1])[0].clamp(0, 1)
    assert got.shape == (3, 40, 56)
    assert (got - expected).abs().max() <= 0.5 / 255 + 1e-6


@torch.no_grad()
def test_of_a_large_latent_a_shrunk_copy_is_decoded(tmp_path: Path, decoder: FileRef) -> None:
    latent = torch.randn(1, CHANNELS, 4, 3 * LARGEST)
    got = shown(snapshot(context(tmp_path, decoder), latent, decoder, 0.00085, vector=False))
    assert got.shape == (3, 8, 8 * LARGEST)


def test_a_walk_shows_it_and_ends_in_the_same_bits(
    ctx: FolderContext, models: TinyModels, decoder: FileRef
) -> None:
    ctx.inputs = {**ctx.inputs, decoder.sha256: decoder.path}

    def run(preview: FileRef | None) -> tuple[Tensor, tuple[int, ...]]:
        cond = Conditioning(torch.ones(1, 2, WIDTH))
        start = Latent(torch.zeros(1, CHANNELS, 4, 4))
        steps = noise_schedule(2)
        done = unet_denoise(models.plain_unet, steps, start, ctx, cond, preview=preview)
        return done.data, shown(ctx.previews[-1]).shape

    plain, decoded = run(None), run(decoder)
    assert torch.equal(plain[0], decoded[0])
    assert (plain[1], decoded[1]) == ((3, 4, 4), (3, 32, 32))


def test_the_result_is_not_kept_under_the_preview() -> None:
    assert not unet_denoise.inputs["preview"].keyed


@pytest.mark.parametrize(("channels", "codes"), [(CHANNELS, []), (16, ["preview-channels"])])
def test_a_tiny_autoencoder_of_other_latents_is_refused(
    decoder: FileRef, channels: int, codes: list[str]
) -> None:
    given = Inference({"preview": decoder}, {"latent": {"c": channels}})
    assert [found.code for found in review_preview(given)] == codes


def test_without_one_there_is_nothing_to_find() -> None:
    assert not list(review_preview(Inference({"preview": None}, {"latent": {"c": 4}})))


def test_an_encoder_alone_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "taesd_encoder.safetensors"
    save_file(TinyEncoder(CONFIG).state_dict(), path)
    with pytest.raises(ValueError, match=r"taesd_encoder.*encoder but no decoder"):
        check_tiny(path)


def test_what_is_something_else_is_refused_with_its_name(models: TinyModels) -> None:
    with pytest.raises(ValueError, match=r"plain.safetensors: .*no TAESD"):
        check_tiny(models.file("plain").path)


def test_a_file_tells_what_it_is(decoder: FileRef) -> None:
    told = {fact.fact: fact.value for fact in tell_tiny(decoder.path)}
    assert told == {"kind": "TAESD, for previews: decoder", "latent channels": str(CHANNELS)}
