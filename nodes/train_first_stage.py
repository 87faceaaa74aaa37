"""Training stage one as nodes: the autoencoder, then its decoder alone."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

from engine.node import Context, Estimate, Inference, Of, Range, Seed, Settings, node
from nodes.dataset_values import PictureSet
from nodes.training.shapes import first_stage_shape
from nodes.training_estimates import estimate_stage
from nodes.training_rules import infer_first_stage, review_decoder, review_first_stage, stage_shape
from nodes.training_run import LICENSE, Batch, LearningRate, Steps, Width, follow, keep_model
from nodes.values import Autoencoder, Curve, Scenes

if TYPE_CHECKING:
    from nodes.training.pool import ScenePool


class TrainedAutoencoder(NamedTuple):
    """A first stage and how its loss fell."""

    autoencoder: Annotated[Autoencoder, Of(c="c", f="f", kind="k", space="s")]
    curve: Curve


def _estimate(given: Inference, run: Settings) -> Estimate | None:
    return estimate_stage(given, run, stage_shape(given))


def _pool(scenes: Scenes | None, pictures: PictureSet | None, ctx: Context) -> ScenePool:
    """Exactly one of the two, in memory."""
    from nodes.training.pool import ScenePool, draw_pool

    if scenes is not None and pictures is None:
        return draw_pool(scenes.seed, scenes.count, scenes.size, scenes.objects, ctx.progress)
    if pictures is not None and scenes is None:
        return ScenePool((), pictures.pictures)
    raise ValueError("link either `scenes` or `pictures`: what to learn from")


@node(
    "TrainAutoencoder",
    version=1,
    category="training",
    infer=infer_first_stage,
    review=review_first_stage,
    estimate=_estimate,
)
def train_autoencoder(
    ctx: Context,
    scenes: Scenes | None = None,
    pictures: PictureSet | None = None,
    steps: Steps = 5000,
    batch: Batch = 8,
    crop: Annotated[int, Range(ge=16, le=512, step=16)] = 64,
    lr: LearningRate = 5e-4,
    channels: Annotated[int, Range(ge=1, le=64, step=1)] = 4,
    levels: Annotated[int, Range(ge=1, le=6, step=1)] = 4,
    width: Width = 32,
    kl_weight: Annotated[float, Range(ge=0, le=1)] = 1e-6,
    regularizer: Literal["kl", "vq"] = "kl",
    codes: Annotated[int, Range(ge=2, le=65536, step=128)] = 512,
    seed: Annotated[int, Seed()] = 0,
) -> TrainedAutoencoder:
    """Train the first stage: pictures to latents and back (Rombach et al. 2022, Sec. 3.1, App. G).

    Without attention, so that it works at any size.

    Args:
        scenes: What to learn from; drawn once and kept in memory as bytes.
        pictures: A dataset to learn from instead.
        steps: Optimiser steps.
        batch: Windows in each step.
        crop: Side of a window in pixels; the network is convolutional, so windows are enough.
        lr: Peak learning rate.
        channels: Channels c of the latent.
        levels: Resolutions; the factor f is 2 to the power of levels - 1.
        width: Channels at full resolution; the levels below have 1, 2, 4, 4 and 4 times as many.
        kl_weight: Weight of the KL term, summed over the latent.
        regularizer: Latents near a unit Gaussian (kl), or decoded from a codebook (vq).
        codes: Entries of the codebook; without meaning for kl.
        seed: Seed of initial weights, batches and noise.
    """
    from nodes.checkpoints.model_config import ModelConfig
    from nodes.runtime import device_of
    from nodes.training.first_stage import (
        FirstStageLoss,
        finished_first_stage,
        first_stage_trainer,
    )
    from nodes.training.optimizer import Recipe

    codebook = codes if regularizer == "vq" else None
    shape = first_stage_shape(channels, levels, width, codebook)
    recipe = Recipe(steps, batch, lr, warmup=min(100, steps // 10), seed=seed)
    pool = _pool(scenes, pictures, ctx)
    trainer = first_stage_trainer(
        shape,
        recipe,
        pool,
        crop,
        FirstStageLoss(regularizer=kl_weight),
        device_of(ctx),
        ctx.scratch(),
    )
    follow(trainer, ctx)
    network = finished_first_stage(shape, trainer, pool)
    made = {"scenes": asdict(scenes)} if scenes else {"pictures": len(pool)}
    config = ModelConfig(
        title=f"Latentgraph {'scenes' if scenes else 'pictures'}, first stage",
        license=LICENSE,
        first_stage=network.config,
        training={**made, "crop": crop, **asdict(recipe)},
    )
    digest = keep_model(ctx, {"first_stage": network}, config)
    curve = Curve("First stage", tuple(trainer.losses))
    return TrainedAutoencoder(Autoencoder(digest, channels, shape.factor), curve)


@node("RefineDecoder", version=1, category="training", review=review_decoder)
def refine_decoder(
    autoencoder: Annotated[Autoencoder, Of(c="c", f="f", kind="k", space="s")],
    scenes: Scenes,
    ctx: Context,
    steps: Steps = 10_000,
    batch: Batch = 8,
    crop: Annotated[int, Range(ge=16, le=512, step=16)] = 64,
    lr: LearningRate = 3e-4,
    seed: Annotated[int, Seed()] = 0,
) -> TrainedAutoencoder:
    """Train the decoder further with its encoder frozen: sharper pictures from the same latents.

    Latents and denoisers made with the first stage stay valid, so this can run while, or after,
    stage two is trained.

    Args:
        autoencoder: First stage to go on from.
        scenes: What to learn from.
        steps: Optimiser steps.
        batch: Windows in each step.
        crop: Side of a window in pixels.
        lr: Peak learning rate.
        seed: Seed of the batches.
    """
    from nodes.checkpoints.model_config import ModelConfig
    from nodes.checkpoints.model_file import load_autoencoder
    from nodes.runtime import device_of
    from nodes.training.first_stage import FirstStageLoss, decoder_trainer
    from nodes.training.optimizer import Recipe
    from nodes.training.pool import draw_pool

    recipe = Recipe(steps, batch, lr, warmup=min(100, steps // 10), seed=seed)
    network = load_autoencoder(ctx.blob(autoencoder.sha256), device_of(ctx))
    pool = draw_pool(scenes.seed, scenes.count, scenes.size, scenes.objects, ctx.progress)
    trainer = decoder_trainer(network, recipe, pool, crop, FirstStageLoss(), ctx.scratch())
    follow(trainer, ctx)
    network.load_state_dict(trainer.ema.state())
    config = ModelConfig(
        title="Latentgraph scenes, first stage",
        license=LICENSE,
        first_stage=network.config,
        training={
            "encoder": autoencoder.sha256,
            "scenes": asdict(scenes),
            "crop": crop,
            **asdict(recipe),
        },
    )
    digest = keep_model(ctx, {"first_stage": network}, config)
    curve = Curve("Decoder", tuple(trainer.losses))
    return TrainedAutoencoder(Autoencoder(digest, autoencoder.channels, autoencoder.factor), curve)
