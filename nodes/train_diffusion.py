"""Training stage two as one node for every condition (Rombach et al. 2022, Eq. 2 and 3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, cast

from engine.node import Context, Of, Range, Seed, Snapshot, node
from nodes.dataset_values import BesideSet, TokenSet
from nodes.ldm.config import Prediction, ScheduleConfig, UNetConfig
from nodes.train_diffusion_rules import estimate_diffusion, infer_diffusion, review_diffusion
from nodes.training.shapes import denoiser_levels
from nodes.training_rules import multiples
from nodes.training_run import LICENSE, Batch, LearningRate, Steps, Width, follow, keep_model
from nodes.values import Autoencoder, Curve, Latent, TextEncoder, UNet

if TYPE_CHECKING:
    from torch import nn

    from nodes.checkpoints.model_config import PartName
    from nodes.training.conditioned import ConditionedUNet, Examples
    from nodes.training.loop import Trainer

Accumulate = Annotated[int, Range(ge=1, le=1024, step=1)]
Share = Annotated[float, Range(ge=0, le=1, step=0.05)]


class TrainedDiffusion(NamedTuple):
    """A denoiser, what reads its tokens, and how their loss fell."""

    unet: Annotated[UNet, Of(c="c", space="s")]
    text_encoder: TextEncoder
    curve: Curve


@node(
    "TrainDiffusion",
    version=2,
    category="training",
    infer=infer_diffusion,
    review=review_diffusion,
    estimate=estimate_diffusion,
)
def train_diffusion(
    latent: Annotated[Latent, Of(n="n", c="c", f="f", space="s")],
    ctx: Context,
    tokens: Annotated[TokenSet, Of(n="n")] | None = None,
    beside: Annotated[BesideSet, Of(n="n", f="f", space="s")] | None = None,
    start: Annotated[UNet, Of(c="c", space="s")] | None = None,
    autoencoder: Annotated[Autoencoder, Of(c="c", f="f", space="s")] | None = None,
    steps: Steps = 3000,
    batch: Batch = 32,
    accumulate: Accumulate = 1,
    lr: LearningRate = 6e-4,
    width: Width = 48,
    channel_mult: str = "1,2,2",
    attention: str = "2,4",
    context_width: Width = 128,
    objective: Literal["eps", "v", "x0"] = "eps",
    loss: Literal["l1", "l2"] = "l2",
    min_snr: Annotated[float, Range(ge=0, le=1000, step=0.5)] = 0.0,
    lean: Annotated[float, Range(ge=0.25, le=4, step=0.25)] = 1.0,
    drop: Share = 0.1,
    ema: Annotated[float, Range(ge=0, le=0.99999)] = 0.999,
    seed: Annotated[int, Seed()] = 0,
    title: str = "",
) -> TrainedDiffusion:
    """Train a denoiser on a dataset's latents, with whatever is told of it.

    L_LDM = E || eps - eps_theta(z_t, t, tau_theta(y)) ||^2 (Rombach et al. 2022, Eq. 2 and 3), with
    nothing linked the unconditional one. After a kill it goes on from its last checkpoint.

    Args:
        latent: Latents of the dataset, from EncodeDataset.
        tokens: What is told by cross-attention, from TellTokens.
        beside: What lies beside the noisy latent, from TellBeside.
        start: A denoiser whose weights are taken over where they fit, and with it the widths.
        autoencoder: First stage for the pictures that show how far it is.
        steps: Optimiser steps.
        batch: Examples in a batch.
        accumulate: Batches in each step, whose gradients are averaged.
        lr: Peak learning rate.
        width: Channels of the UNet at latent resolution.
        channel_mult: Multiples of `width` at each level, separated by commas.
        attention: How many times smaller the maps are that attend to themselves and to tokens: 1
            is the first level, 2 the second, 4 the third.
        context_width: Width of the tokens.
        objective: What the network predicts: noise (eps), velocity (v) or the latent (x0).
        loss: l2, or l1 as the paper has it for dense conditions.
        min_snr: Cut gamma of the signal-to-noise ratio in the weights of noise levels (Hang et al.
            2023 take 5); 0 weighs all alike.
        lean: Timesteps are drawn as T u^lean, u uniform: above 1 low noise comes oftener. On small
            latents high noise decides the background alone, which is learnt soon.
        drop: Chance that an example's tokens are dropped, which guidance needs.
        ema: Decay of the average of the weights, which is what is kept.
        seed: Seed of initial weights, batches, timesteps and noise.
        title: What the model file says it is.
    """
    from nodes.runtime import device_of
    from nodes.training.conditioned import Examples
    from nodes.training.denoising import denoising_trainer
    from nodes.training.objective import Objective
    from nodes.training.optimizer import Recipe

    examples, aim = Examples(latent.data, tokens, beside), Objective(objective, loss, min_snr, lean)
    places = multiples(attention, "attention")
    shape = denoiser_levels(1, 1, width, multiples(channel_mult), None, places)
    network = _network(ctx, examples, start, shape, context_width, seed).to(device_of(ctx))
    warmup = min(200, steps // 10)
    recipe = Recipe(steps, batch, lr, warmup, seed=seed, ema=ema, accumulate=accumulate)
    trainer = denoising_trainer(network, examples, aim, recipe, drop, ctx.scratch())
    follow(trainer, ctx, _look(ctx, trainer, examples, autoencoder, objective))
    finished = trainer.ema.into(network)
    made = {"examples": len(latent.data), "drop": drop, **asdict(aim), **asdict(recipe)}
    if start is not None:
        made["start"] = start.sha256
    digest = _keep(ctx, finished, title or "Latentgraph denoiser", objective, made)
    curve = Curve(title or "Denoiser", tuple(trainer.losses))
    return TrainedDiffusion(UNet(digest, objective), TextEncoder(digest), curve)


def _network(
    ctx: Context,
    examples: Examples,
    start: UNet | None,
    shape: UNetConfig,
    context_width: int,
    seed: int,
) -> ConditionedUNet:
    """A new network, or one that begins where another has ended."""
    from nodes.checkpoints.model_file import load_unet
    from nodes.checkpoints.recognition import read_checkpoint
    from nodes.training.conditioned import new_denoiser, take_over

    if start is None:
        return new_denoiser(examples, shape, context_width, seed)
    path = ctx.blob(start.sha256)
    old = load_unet(path)
    width = old.config.context_dim or context_width
    network = new_denoiser(examples, old.config, width, seed)
    take_over(network.unet, old)
    config = read_checkpoint(path)[1].config
    if "text" in network.readers and config.text == network.readers["text"].config:
        from nodes.checkpoints.model_file import load_text_encoder

        take_over(network.readers["text"], load_text_encoder(path))
    return network


def _look(
    ctx: Context,
    trainer: Trainer,
    examples: Examples,
    autoencoder: Autoencoder | None,
    prediction: str,
) -> Callable[[], Snapshot] | None:
    """How far the training is, as pictures; None where no first stage is there to decode them."""
    if autoencoder is None:
        return None

    def look() -> Snapshot:
        from nodes.measuring.sheet import grid
        from nodes.picture_files import png_bytes
        from nodes.runtime import computing, open_autoencoder
        from nodes.training.denoising import first_look

        stage = open_autoencoder(ctx, autoencoder)
        with computing(ctx):
            z = first_look(trainer, examples, prediction)
            pictures = stage.decode(z).float() / 2 + 0.5
        return Snapshot("image/png", png_bytes(grid(pictures.clamp(0, 1).cpu(), len(z))[0]))

    return look


def _keep(
    ctx: Context, network: ConditionedUNet, title: str, prediction: Prediction, made: dict[str, Any]
) -> str:
    """Write the UNet and what reads its conditions as one model file."""
    import torch

    from nodes.checkpoints.model_config import ModelConfig

    parts: dict[PartName, nn.Module] = {"unet": network.unet}
    parts |= {cast("PartName", name): reader for name, reader in network.readers.items()}
    configs: dict[str, Any] = {name: reader.config for name, reader in network.readers.items()}
    config = ModelConfig(
        title=title,
        license=LICENSE,
        unet=network.unet.config,
        schedule=ScheduleConfig(prediction=prediction),
        training=made,
        **configs,
    )
    return keep_model(ctx, parts, config, torch.float16)
