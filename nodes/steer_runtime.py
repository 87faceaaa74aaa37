"""From what shall become likely to likelihoods: where steering meets weights."""

from __future__ import annotations

from engine.node import Context
from nodes.checkpoints import model_file
from nodes.ldm.noisy_classifier import NoisyClassifier
from nodes.ldm.steering import ClassLikelihood, Likelihood, PictureLikelihood
from nodes.runtime import device_of, model_files, open_autoencoder
from nodes.steer_values import Aim, Classifier, Steer


def open_classifier(ctx: Context, part: Classifier) -> NoisyClassifier:
    """The classifier of noisy latents that `part` refers to."""
    device = device_of(ctx)

    def load() -> NoisyClassifier:
        return model_file.load_classifier(model_files(ctx, part), device)

    return ctx.resource(f"classifier {part} {device}", load)


def likelihoods_of(ctx: Context, steer: Steer | None) -> tuple[Likelihood, ...]:
    """What steers a walk, ready to compute; what has no weight is left out."""
    if steer is None:
        return ()
    return tuple(_likelihood(ctx, aim) for aim in steer.aims if aim.scale)


def _likelihood(ctx: Context, aim: Aim) -> Likelihood:
    if isinstance(aim.network, Classifier):
        network = open_classifier(ctx, aim.network)
        if int(aim.target.max()) >= len(network.config.names):
            raise ValueError(
                f"there is no class {int(aim.target.max())}: the classifier has"
                f" {len(network.config.names)}, counted from 0"
            )
        return ClassLikelihood(network, aim.target, aim.scale)
    stage = open_autoencoder(ctx, aim.network)
    picture = aim.target.to(stage.device) * 2 - 1
    return PictureLikelihood(stage.decode, picture, aim.shrink, aim.grey, aim.scale)
