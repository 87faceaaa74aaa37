import pytest
import torch

from nodes.evaluate import measure_reconstruction
from nodes.measuring.quality import psnr, ssim
from nodes.runtime import open_autoencoder
from nodes.training.pool import draw_pool
from nodes.values import Scenes
from tests.nodes.context import FolderContext
from tests.nodes.tiny import TinyModels

SCENES = Scenes(2_000_000_000, 9, 32, (1, 2))


def test_the_figures_are_means_over_every_picture(ctx: FolderContext, models: TinyModels) -> None:
    measured = measure_reconstruction(models.autoencoder, SCENES, ctx)
    figures = dict(measured.metrics.figures)
    network = open_autoencoder(ctx, models.autoencoder).network
    x = draw_pool(SCENES.seed, 9, 32, (1, 2)).pictures(0, 9)
    with torch.no_grad():
        mean, _ = network.posterior(network.encode(x))
        decoded = (network.decode(mean) / 2 + 0.5).clamp(0, 1)
    psnrs = psnr(decoded, x / 2 + 0.5)

    assert figures["scenes"] == 9
    assert figures["PSNR, dB"] == pytest.approx(sum(psnrs) / 9, abs=1e-3)
    assert figures["worst PSNR, dB"] == pytest.approx(min(psnrs), abs=1e-3)
    assert figures["SSIM"] == pytest.approx(sum(ssim(decoded, x / 2 + 0.5)) / 9, abs=1e-3)
    assert figures["latent values for each pixel value"] == pytest.approx(4 / 192)
    assert ctx.progressed == [(8, 9), (9, 9)]


def test_the_sheet_shows_pictures_above_their_reconstructions(
    ctx: FolderContext, models: TinyModels
) -> None:
    sheet = measure_reconstruction(models.autoencoder, SCENES, ctx).sheet.data
    pictures = draw_pool(SCENES.seed, 9, 32, (1, 2)).images[:8].float() / 255

    assert sheet.shape == (1, 3, 2 * 36 + 4, 8 * 36 + 4)
    for k in range(8):
        left = 4 + 36 * k
        assert torch.allclose(sheet[0, :, 4:36, left : left + 32], pictures[k], atol=1e-6)
