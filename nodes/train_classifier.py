"""Training the classifier of noisy latents, whose gradient steers a denoiser."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Annotated, NamedTuple

from engine.node import Context, Facts, Finding, Inference, Of, Range, Seed, node
from nodes.dataset_values import TokenSet
from nodes.ldm.classifier_config import GROUPS
from nodes.model_facts import SCENE_BETAS
from nodes.sizes import whole
from nodes.steer import review_classes
from nodes.steer_values import Classifier
from nodes.training_rules import review_width
from nodes.training_run import LICENSE, Batch, LearningRate, Steps, follow, keep_model
from nodes.values import Curve, Latent


class TrainedClassifier(NamedTuple):
    """A classifier and how its loss fell."""

    classifier: Annotated[Classifier, Of(c="c", space="s")]
    curve: Curve


def _infer(given: Inference) -> Mapping[str, Facts]:
    channels = whole(given.facts.get("latent", {}), "c")
    return {"classifier": {"betas": SCENE_BETAS, **({} if channels is None else {"c": channels})}}


def _review(given: Inference) -> Iterator[Finding]:
    yield from review_width(given, "width", GROUPS, "the network's normalisation groups")
    yield from review_classes(given)


@node("TrainClassifier", version=1, category="training", infer=_infer, review=_review)
def train_classifier(
    latent: Annotated[Latent, Of(n="n", c="c", space="s")],
    tokens: Annotated[TokenSet, Of(n="n")],
    ctx: Context,
    steps: Steps = 1500,
    batch: Batch = 64,
    lr: LearningRate = 1e-3,
    width: Annotated[int, Range(ge=16, le=512, step=16)] = 48,
    lean: Annotated[float, Range(ge=1, le=4, step=0.5)] = 1.0,
    seed: Annotated[int, Seed()] = 0,
    title: str = "",
) -> TrainedClassifier:
    """Train p(y | z_t) on latents of all noise levels, for classifier guidance.

    It sees every noise level, as the denoiser does, so that its gradient means something along the
    whole walk (Dhariwal and Nichol 2021, Sec. 4; Rombach et al. 2022, App. C).

    Args:
        latent: Latents of the dataset, from EncodeDataset.
        tokens: Classes of the dataset, from TellTokens.
        steps: Optimiser steps.
        batch: Latents in each step.
        lr: Peak learning rate.
        width: Channels of its first level.
        lean: Timesteps are T u^lean with u uniform in 0..1: at 1 as the denoiser's; above, low
            noise comes more often, where small things can be told apart at all.
        seed: Seed of initial weights, batches, timesteps and noise.
        title: What the model file says it is.
    """
    import torch

    from nodes.checkpoints.model_config import ModelConfig
    from nodes.ldm.classifier_config import ClassifierConfig
    from nodes.runtime import device_of
    from nodes.training.classifier import classifier_trainer, finished_classifier
    from nodes.training.optimizer import Recipe

    shape = ClassifierConfig(names=tokens.names, channels=latent.data.shape[1], width=width)
    recipe = Recipe(steps, batch, lr, min(100, steps // 10), weight_decay=0.05, seed=seed, ema=0.99)
    device, folder = device_of(ctx), ctx.scratch()
    trainer = classifier_trainer(shape, recipe, latent.data, tokens, device, folder, lean)
    follow(trainer, ctx)
    config = ModelConfig(
        title=title or "Latentgraph classifier of noisy latents",
        license=LICENSE,
        classifier=shape,
        training={"examples": len(latent.data), "lean": lean, **asdict(recipe)},
    )
    network = finished_classifier(shape, trainer)
    digest = keep_model(ctx, {"classifier": network}, config, torch.float16)
    return TrainedClassifier(Classifier(digest), Curve("Classifier", tuple(trainer.losses)))
