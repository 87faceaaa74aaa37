"""How much of a picture survives the first stage."""

from collections.abc import Callable
from statistics import fmean

import torch
from torch import Tensor

from nodes.ldm.autoencoder import Autoencoder
from nodes.measuring.layout import SHOWN
from nodes.measuring.quality import psnr, ssim
from nodes.measuring.sheet import rows
from nodes.training.first_stage import kl_to_unit_gaussian
from nodes.training.pool import draw_pool
from nodes.values import Scenes


def perplexity(used: Tensor) -> float:
    """How many codes are in use, exp(-sum p log p), from how often each is: |Z| if all alike."""
    share = used / used.sum()
    return float(torch.special.entr(share).sum().exp())


def measure(
    network: Autoencoder, scenes: Scenes, report: Callable[[int, int], None]
) -> tuple[tuple[tuple[str, float], ...], Tensor]:
    """Figures over all scenes, and a sheet of the first pictures above their reconstructions."""
    device = next(network.parameters()).device
    pool = draw_pool(scenes.seed, scenes.count, scenes.size, scenes.objects)
    psnrs: list[float] = []
    ssims: list[float] = []
    shown: list[Tensor] = []
    nats: list[float] = []
    latents: list[Tensor] = []
    used = torch.zeros(network.config.n_embed or 0)
    for start in range(0, len(pool), SHOWN):
        x = pool.pictures(start, start + SHOWN)
        mean, std = network.posterior(network.encode(x.to(device)))
        latents.append(mean.float().cpu() * network.config.scale_factor)
        nats.append(float(kl_to_unit_gaussian(mean.float(), std.float().clamp(min=1e-10))))
        decoded = (network.decode(mean).float().cpu() / 2 + 0.5).clamp(0, 1)
        if len(used):
            codes = network.quantize.nearest(mean).flatten().cpu()
            used += torch.bincount(codes, minlength=len(used))
        pictures = x / 2 + 0.5
        psnrs += psnr(decoded, pictures)
        ssims += ssim(decoded, pictures)
        shown = shown or [pictures, decoded]
        report(min(start + SHOWN, len(pool)), len(pool))
    figures: tuple[tuple[str, float], ...] = (
        ("scenes", float(len(pool))),
        ("PSNR, dB", fmean(psnrs)),
        ("worst PSNR, dB", min(psnrs)),
        ("SSIM", fmean(ssims)),
        ("factor f", float(network.config.factor)),
        ("std of rescaled latents", float(torch.cat(latents).std())),
        (
            "latent values for each pixel value",
            network.config.embed_dim / (3 * network.config.factor**2),
        ),
    )
    if len(used):
        figures += (("codebook perplexity", perplexity(used)), ("codes", float(len(used))))
    else:
        figures += (("KL to a unit Gaussian, nats a picture", fmean(nats)),)
    return figures, rows([part.to(torch.float32) for part in shown])
