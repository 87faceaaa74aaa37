"""How much of a picture survives the first stage."""

from collections.abc import Callable
from statistics import fmean

import torch
from torch import Tensor

from nodes.ldm.autoencoder import Autoencoder
from nodes.measuring.layout import SHOWN
from nodes.measuring.quality import psnr, ssim
from nodes.measuring.sheet import rows
from nodes.training.pool import draw_pool
from nodes.values import Scenes


def measure(
    network: Autoencoder, scenes: Scenes, report: Callable[[int, int], None]
) -> tuple[tuple[tuple[str, float], ...], Tensor]:
    """Figures over all scenes, and a sheet of the first pictures above their reconstructions."""
    device = next(network.parameters()).device
    pool = draw_pool(scenes.seed, scenes.count, scenes.size, scenes.objects)
    psnrs: list[float] = []
    ssims: list[float] = []
    shown: list[Tensor] = []
    for start in range(0, len(pool), SHOWN):
        x = pool.pictures(start, start + SHOWN)
        mean, _ = network.posterior(network.encode(x.to(device)))
        decoded = (network.decode(mean).float().cpu() / 2 + 0.5).clamp(0, 1)
        pictures = x / 2 + 0.5
        psnrs += psnr(decoded, pictures)
        ssims += ssim(decoded, pictures)
        shown = shown or [pictures, decoded]
        report(min(start + SHOWN, len(pool)), len(pool))
    figures = (
        ("scenes", float(len(pool))),
        ("PSNR, dB", fmean(psnrs)),
        ("worst PSNR, dB", min(psnrs)),
        ("SSIM", fmean(ssims)),
        (
            "latent values for each pixel value",
            network.config.embed_dim / (3 * network.config.factor**2),
        ),
    )
    return figures, rows([part.to(torch.float32) for part in shown])
