"""Training stage two as nodes: pictures to latents once, then the denoiser on latents alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, NamedTuple

from engine.node import Context, Facts, Inference, Of, Range, Seed, node
from nodes.model_facts import SCENE_BETAS
from nodes.sizes import scenes_uneven, sized, whole
from nodes.training_rules import (
    estimate_new_denoiser,
    estimate_same_denoiser,
    infer_new_denoiser,
    infer_same_denoiser,
    multiples,
    review_new_denoiser,
    review_same_denoiser,
)
from nodes.training_run import LICENSE, Batch, LearningRate, Steps, Width, follow, keep_model
from nodes.values import Autoencoder, Curve, Scenes, TextEncoder, TrainingLatents, UNet

if TYPE_CHECKING:
    from torch import nn

    from nodes.checkpoints.model_config import PartName
    from nodes.training.diffusion import TextConditionedUNet

Drop = Annotated[float, Range(ge=0, le=1, step=0.05)]


class TrainedDenoiser(NamedTuple):
    """A denoiser, its text encoder, and how their loss fell."""

    unet: Annotated[UNet, Of(space="s")]
    text_encoder: TextEncoder
    curve: Curve


def _infer_examples(given: Inference) -> Mapping[str, Facts]:
    scenes, factor = given.facts.get("scenes", {}), whole(given.facts.get("autoencoder", {}), "f")
    side = whole(scenes, "h")
    cells = side // factor if side and factor else None
    return {"training_latents": sized(cells, cells, scenes.get("n"))}


@node(
    "EncodeScenes",
    version=1,
    category="training",
    infer=_infer_examples,
    review=scenes_uneven,
)
def encode_scenes(
    autoencoder: Annotated[Autoencoder, Of(c="c", space="s")], scenes: Scenes, ctx: Context
) -> Annotated[TrainingLatents, Of(c="c", space="s")]:
    """Pass every scene through the frozen first stage once: the paper's two-stage split.

    Each scene gives a picture, a hole and the words for what belongs in it: 65% one object, 20% the
    whole scene (text to image), 15% bare background where an object was taken away.

    Args:
        autoencoder: Trained first stage.
        scenes: What to learn from; its object counts are ignored in favour of 1 to 3.
    """
    from nodes.runtime import computing, open_autoencoder
    from nodes.training.latents import encode_examples
    from nodes.training.words import TOKENIZER

    model = open_autoencoder(ctx, autoencoder)
    seeds = range(scenes.seed, scenes.seed + scenes.count)
    with computing(ctx):
        return encode_examples(
            model.network, model.scale, TOKENIZER, seeds, scenes.size, ctx.progress
        )


@node(
    "TrainInpainting",
    version=1,
    category="training",
    infer=infer_new_denoiser,
    review=review_new_denoiser,
    estimate=estimate_new_denoiser,
)
def train_inpainting(
    examples: Annotated[TrainingLatents, Of(space="s")],
    ctx: Context,
    steps: Steps = 3000,
    batch: Batch = 64,
    lr: LearningRate = 6e-4,
    width: Width = 64,
    channel_mult: str = "1,2,3",
    context_width: Width = 128,
    drop: Drop = 0.1,
    seed: Annotated[int, Seed()] = 0,
) -> TrainedDenoiser:
    """Train the denoiser with its text encoder: L_LDM (Rombach et al. 2022, Eq. 3).

    Words reach the UNet by cross-attention, the hole and the picture around it by concat.

    Args:
        examples: Latents, holes and words from EncodeScenes.
        steps: Optimiser steps.
        batch: Examples in each step.
        lr: Peak learning rate.
        width: Channels of the UNet at latent resolution.
        channel_mult: Multiples of `width` at each level, separated by commas.
        context_width: Width of the text tokens.
        drop: Chance that an example's words are dropped, which guidance needs.
        seed: Seed of initial weights, batches, timesteps and noise.
    """
    from nodes.training.diffusion import new_denoiser
    from nodes.training.shapes import inpainting_unet
    from nodes.training.words import text_config

    channels = examples.latent.shape[1]
    unet = inpainting_unet(channels, width, multiples(channel_mult), context_width)
    network = new_denoiser(unet, text_config(context_width), seed)
    return _train(ctx, network, examples, (steps, batch, lr, seed), drop)


@node(
    "ContinueInpainting",
    version=1,
    category="training",
    infer=infer_same_denoiser,
    review=review_same_denoiser,
    estimate=estimate_same_denoiser,
)
def continue_inpainting(
    unet: Annotated[UNet, Of(c="c", space="s", betas=SCENE_BETAS, prediction="eps")],
    examples: Annotated[TrainingLatents, Of(c="c", space="s")],
    ctx: Context,
    steps: Steps = 3000,
    batch: Batch = 64,
    lr: LearningRate = 3e-4,
    drop: Drop = 0.1,
    surroundings: Annotated[float, Range(ge=0.01, le=1, step=0.05)] = 0.2,
    seed: Annotated[int, Seed()] = 1,
) -> TrainedDenoiser:
    """Train a denoiser and the text encoder of its file further.

    Args:
        unet: Denoiser to go on from.
        examples: Latents, holes and words from EncodeScenes, made with the same first stage.
        steps: Optimiser steps.
        batch: Examples in each step.
        lr: Peak learning rate.
        drop: Chance that an example's words are dropped, which guidance needs.
        surroundings: Weight of the error outside the hole; inside it is 1.
        seed: Seed of batches, timesteps and noise.
    """
    from nodes.checkpoints.model_file import load_text_encoder, load_unet
    from nodes.training.diffusion import TextConditionedUNet

    path = ctx.blob(unet.sha256)
    network = TextConditionedUNet(load_unet(path), load_text_encoder(path))
    return _train(ctx, network, examples, (steps, batch, lr, seed), drop, surroundings)


def _train(
    ctx: Context,
    network: TextConditionedUNet,
    examples: TrainingLatents,
    how: tuple[int, int, float, int],
    drop: float,
    surroundings: float = 1.0,
) -> TrainedDenoiser:
    import torch

    from nodes.checkpoints.model_config import ModelConfig
    from nodes.ldm.config import ScheduleConfig
    from nodes.runtime import device_of
    from nodes.training.diffusion import denoiser_trainer, finished_denoiser
    from nodes.training.optimizer import Recipe

    steps, batch, lr, seed = how
    recipe = Recipe(steps, batch, lr, warmup=min(200, steps // 10), seed=seed)
    trainer = denoiser_trainer(
        network.to(device_of(ctx)), recipe, examples, drop, surroundings, ctx.scratch()
    )
    follow(trainer, ctx)
    finished = finished_denoiser(trainer)
    config = ModelConfig(
        title="Latentgraph scenes, inpainting and text to image",
        license=LICENSE,
        unet=network.unet.config,
        text=network.text_encoder.config,
        schedule=ScheduleConfig(),
        training={
            "examples": len(examples.latent),
            "drop": drop,
            "surroundings": surroundings,
            **asdict(recipe),
        },
    )
    parts: dict[PartName, nn.Module] = {"unet": finished.unet, "text": finished.text_encoder}
    digest = keep_model(ctx, parts, config, torch.float16)
    curve = Curve("Denoiser", tuple(trainer.losses))
    return TrainedDenoiser(UNet(digest, ScheduleConfig().prediction), TextEncoder(digest), curve)
