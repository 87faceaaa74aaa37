"""Stage one: perceptual compression (Rombach et al. 2022, Sec. 3.1).

The paper's reconstruction loss is L1 + LPIPS + a patch adversary. LPIPS needs a network trained
on photographs; here its place is taken by the squared error of the picture and of its gradients.
Squared error comes first because on flat scenes plain L1 settles on the background's median and
draws no object.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from nodes.ldm.autoencoder import Autoencoder
from nodes.ldm.config import AutoencoderConfig
from nodes.training.latents import encode_mean
from nodes.training.loop import Trainer
from nodes.training.optimizer import Recipe, seeded, step_generator
from nodes.training.pool import ScenePool


@dataclass(frozen=True)
class FirstStageLoss:
    """Weights of the terms.

    Attributes:
        l2: Mean squared error of the picture in [-1, 1].
        l1: Mean absolute error.
        gradient: Mean squared error of neighbouring differences: keeps edges crisp.
        regularizer: KL to a unit Gaussian, summed over the latent (the paper's 1e-6).
    """

    l2: float = 2.0
    l1: float = 0.2
    gradient: float = 1.0
    regularizer: float = 1e-6


def kl_to_unit_gaussian(mean: Tensor, std: Tensor) -> Tensor:
    """KL(N(mean, std^2) || N(0, 1)) in nats, summed over c h w, mean over the batch."""
    kl = 0.5 * (mean**2 + std**2 - 1 - 2 * std.log())
    return kl.sum(dim=(1, 2, 3)).mean()


def reconstruction_loss(x: Tensor, target: Tensor, weights: FirstStageLoss) -> Tensor:
    """Weighted L2, L1 and gradient error of `x` against `target`, both B 3 H W in [-1, 1]."""
    error = x - target
    across, down = error.diff(dim=3), error.diff(dim=2)
    gradient = across.square().mean() + down.square().mean()
    return (
        weights.l2 * error.square().mean()
        + weights.l1 * error.abs().mean()
        + weights.gradient * gradient
    )


def first_stage_loss(
    autoencoder: Autoencoder, pool: ScenePool, batch: int, crop: int, weights: FirstStageLoss
) -> Callable[[torch.Generator], Tensor]:
    """Loss of one batch of random `crop` x `crop` windows; the autoencoder is convolutional."""
    device = next(autoencoder.parameters()).device

    def loss(generator: torch.Generator) -> Tensor:
        x = pool.crops(batch, crop, generator).to(device)
        mean, std = autoencoder.posterior(autoencoder.encode(x).float())
        regularize = REGULARIZERS[autoencoder.config.regularizer]
        z, penalty = regularize(autoencoder, mean, std, weights, generator)
        decoded = autoencoder.decode(z, quantize=False).float()
        return reconstruction_loss(decoded, x, weights) + penalty

    return loss


def _to_gaussian(
    autoencoder: Autoencoder,
    mean: Tensor,
    std: Tensor,
    weights: FirstStageLoss,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """Draw from the posterior, and pull it towards the unit Gaussian a little (KL-reg)."""
    del autoencoder
    z = mean + std * torch.randn(mean.shape, generator=generator).to(mean.device)
    return z, weights.regularizer * kl_to_unit_gaussian(mean, std)


def _to_codebook(
    autoencoder: Autoencoder,
    mean: Tensor,
    std: Tensor,
    weights: FirstStageLoss,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """Snap to the codebook, and pull codes and latents together (VQ-reg)."""
    del std, weights, generator
    quantized = autoencoder.quantized(mean)
    return quantized.z, quantized.loss


REGULARIZERS = {"kl": _to_gaussian, "vq": _to_codebook}
"""The paper's two ways to keep latents from growing without bound (Sec. 3.1)."""


def code_restarts(
    autoencoder: Autoencoder, pool: ScenePool, recipe: Recipe, crop: int
) -> Callable[[int], None]:
    """Give codes that nothing uses a new place among the latents, now and then.

    A codebook that begins far from the latents is used in few places only. Until 60% of the steps
    are done, codes that a batch leaves unused are set on latents of that batch.
    """

    @torch.no_grad()
    def restart(step: int) -> None:
        if step % RESTART_EVERY or step > RESTART_UNTIL * recipe.steps:
            return
        generator = step_generator(recipe.seed + 1, step)
        x = pool.crops(recipe.batch, crop, generator)
        codes = autoencoder.quantize.embedding.weight
        z = autoencoder.encode(x.to(codes.device)).float()  # B c h w
        used = torch.bincount(autoencoder.quantize.nearest(z).flatten(), minlength=len(codes))
        idle = (used == 0).nonzero()[:, 0]
        vectors = z.permute(0, 2, 3, 1).flatten(0, 2)
        picks = torch.randint(0, len(vectors), (len(idle),), generator=generator)
        codes[idle] = vectors[picks.to(codes.device)]

    return restart


RESTART_EVERY = 25
RESTART_UNTIL = 0.6


@torch.no_grad()
def latent_scale(autoencoder: Autoencoder, pool: ScenePool, count: int = 256) -> float:
    """1 / std of the latents of the first `count` pictures: what brings them to unit variance.

    Rombach et al. 2022, App. G: z <- z / sigma, sigma over batch, channels and space.
    """
    device = next(autoencoder.parameters()).device
    generator = torch.Generator().manual_seed(0)
    latents = []
    for start in range(0, min(count, len(pool)), 32):
        x = pool.pictures(start, start + 32).to(device)
        mean, std = autoencoder.posterior(autoencoder.encode(x))
        latents.append(mean + std * torch.randn(mean.shape, generator=generator).to(device))
    return float(1 / torch.cat(latents).std())


def _require_window(crop: int, factor: int, pool: ScenePool) -> None:
    """Refuse windows that do not fit into the pictures or into whole latent cells."""
    side = pool.images.shape[-1]
    if crop > side or crop % factor:
        raise ValueError(
            f"`crop` is {crop}; set a multiple of the factor {factor} up to {side}, the scenes'"
            " size"
        )


def first_stage_trainer(
    config: AutoencoderConfig,
    recipe: Recipe,
    pool: ScenePool,
    crop: int,
    weights: FirstStageLoss,
    device: torch.device,
    folder: Path,
) -> Trainer:
    """A trainer of a new autoencoder, or of the one whose checkpoint is in `folder`."""
    _require_window(crop, config.factor, pool)
    with seeded(recipe.seed):
        network = initialised(Autoencoder(config)).to(device)
    loss = first_stage_loss(network, pool, recipe.batch, crop, weights)
    restart = None if config.n_embed is None else code_restarts(network, pool, recipe, crop)
    return Trainer(network, loss, recipe, folder, after=restart)


@torch.no_grad()
def initialised(network: Autoencoder) -> Autoencoder:
    """Give a new autoencoder a start from which it learns several times faster.

    Unit-gain kernels, residual branches that begin as nothing, and a posterior that begins narrow,
    so that its noise does not drown the first thousand steps.
    """
    for name, weight in network.named_parameters():
        if name.endswith(".bias"):
            nn.init.zeros_(weight)
        elif weight.ndim == 4:
            nn.init.kaiming_normal_(weight, nonlinearity="linear")
        if name.endswith(".conv2.weight"):
            nn.init.zeros_(weight)
    if network.config.regularizer == "kl":
        _, log_var = network.get_parameter("quant_conv.bias").chunk(2)
        log_var.fill_(-6.0)
    return network


def decoder_trainer(
    network: Autoencoder,
    recipe: Recipe,
    pool: ScenePool,
    crop: int,
    weights: FirstStageLoss,
    folder: Path,
) -> Trainer:
    """A trainer of the decoder of `network` alone.

    The encoder stays bit for bit as it is, so every latent made with it, and every denoiser trained
    on such latents, stays valid.
    """
    _require_window(crop, network.config.factor, pool)
    for part in (network.encoder, network.quant_conv):
        part.requires_grad_(False)

    device = next(network.parameters()).device

    def loss(generator: torch.Generator) -> Tensor:
        x = pool.crops(recipe.batch, crop, generator).to(device)
        z = encode_mean(network, x, scale=1.0)
        return reconstruction_loss(network.decode(z).float(), x, weights)

    return Trainer(network, loss, recipe, folder)


def finished_first_stage(
    config: AutoencoderConfig, trainer: Trainer, pool: ScenePool
) -> Autoencoder:
    """The averaged autoencoder, its config carrying the scale that brings latents to unit std."""
    network = trainer.ema.into(Autoencoder(config))
    network.config = replace(config, scale_factor=latent_scale(network, pool))
    return network
