"""Training the judge, which only ever measures."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, NamedTuple

from engine.node import Context, Range, Seed, node
from nodes.dataset_values import PictureSet
from nodes.training_run import LICENSE, Batch, LearningRate, Steps, follow, keep_model
from nodes.values import Curve, Judge, Scenes, Segmenter


class TrainedJudge(NamedTuple):
    """A judge and how its loss fell."""

    judge: Judge
    curve: Curve


@node("TrainJudge", version=1, category="training")
def train_judge(
    scenes: Scenes,
    ctx: Context,
    steps: Steps = 1500,
    batch: Batch = 64,
    lr: LearningRate = 2e-3,
    seed: Annotated[int, Seed()] = 0,
) -> TrainedJudge:
    """Train the classifier that names an object's colour and shape; it only ever measures.

    Args:
        scenes: What to learn from.
        steps: Optimiser steps.
        batch: Objects in each step.
        lr: Peak learning rate.
        seed: Seed of initial weights and batches.
    """
    from nodes.checkpoints.model_config import ModelConfig
    from nodes.runtime import device_of
    from nodes.training.judge import finished_judge, judge_config, judge_trainer
    from nodes.training.optimizer import Recipe
    from nodes.training.pool import draw_pool

    shape = judge_config()
    recipe = Recipe(steps, batch, lr, warmup=min(100, steps // 10), seed=seed)
    pool = draw_pool(scenes.seed, scenes.count, scenes.size, scenes.objects, ctx.progress)
    trainer = judge_trainer(shape, recipe, pool, device_of(ctx), ctx.scratch())
    follow(trainer, ctx)
    config = ModelConfig(
        title="Latentgraph scenes, judge",
        license=LICENSE,
        judge=shape,
        training={"scenes": asdict(scenes), **asdict(recipe)},
    )
    digest = keep_model(ctx, {"judge": finished_judge(shape, trainer)}, config)
    return TrainedJudge(Judge(digest), Curve("Judge", tuple(trainer.losses)))


class TrainedSegmenter(NamedTuple):
    """A segmenter and how its loss fell."""

    segmenter: Segmenter
    curve: Curve


@node("TrainSegmenter", version=1, category="training")
def train_segmenter(
    pictures: PictureSet,
    ctx: Context,
    steps: Steps = 1500,
    batch: Batch = 16,
    lr: LearningRate = 2e-3,
    width: Annotated[int, Range(ge=16, le=512, step=16)] = 32,
    seed: Annotated[int, Seed()] = 0,
) -> TrainedSegmenter:
    """Train the network that labels every pixel; it only ever measures.

    Args:
        pictures: A dataset with label maps.
        steps: Optimiser steps.
        batch: Pictures in each step.
        lr: Peak learning rate.
        width: Channels of its first level.
        seed: Seed of initial weights and batches.
    """
    import torch

    from nodes.checkpoints.model_config import ModelConfig
    from nodes.ldm.config import SegmenterConfig
    from nodes.runtime import device_of
    from nodes.training.optimizer import Recipe
    from nodes.training.segmenter import finished_segmenter, segmenter_trainer

    shape = SegmenterConfig(names=pictures.read_notes()[1], width=width)
    recipe = Recipe(steps, batch, lr, warmup=min(100, steps // 10), seed=seed, ema=0.99)
    trainer = segmenter_trainer(shape, recipe, pictures, device_of(ctx), ctx.scratch())
    follow(trainer, ctx)
    config = ModelConfig(
        title="Latentgraph scenes, segmenter",
        license=LICENSE,
        segmenter=shape,
        training={"pictures": len(pictures.pictures), **asdict(recipe)},
    )
    network = finished_segmenter(shape, trainer)
    digest = keep_model(ctx, {"segmenter": network}, config, torch.float16)
    return TrainedSegmenter(Segmenter(digest), Curve("Segmenter", tuple(trainer.losses)))
