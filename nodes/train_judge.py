"""Training the judge, which only ever measures."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, NamedTuple

from engine.node import Context, Seed, node
from nodes.training_run import LICENSE, Batch, LearningRate, Steps, follow, keep_model
from nodes.values import Curve, Judge, Scenes


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
