"""MeasureThroughput: what a denoiser costs, by the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

from engine.node import Context, Of, Range, node
from nodes.model_facts import SCENE_BETAS
from nodes.values import Autoencoder, Latent, Metrics, UNet

if TYPE_CHECKING:
    from nodes.ldm.config import Prediction


@node("MeasureThroughput", version=1, category="measuring", volatile=True)
def measure_throughput(
    unet: Annotated[UNet, Of(c="c", space="s", betas=SCENE_BETAS)],
    latent: Annotated[Latent, Of(c="c", f="f", space="s")],
    ctx: Context,
    autoencoder: Annotated[Autoencoder, Of(c="c", f="f", space="s")] | None = None,
    batch: Annotated[int, Range(ge=1, le=1024, step=8)] = 8,
    steps: Annotated[int, Range(ge=1, le=1000, step=5)] = 8,
    evaluations: Annotated[int, Range(ge=1, le=1000, step=5)] = 10,
    title: str = "Throughput",
) -> Metrics:
    """Time training and drawing with a denoiser that is told nothing; its weights stay as they are.

    The clock is the machine's, so every run measures anew, and whatever else runs counts in.

    Args:
        unet: Unconditional denoiser.
        latent: Latents to train on for a few steps.
        autoencoder: First stage, whose decoder counts as part of drawing; none for pixels.
        batch: Examples in a batch.
        steps: Training steps that are timed, after one that is not; their median counts.
        evaluations: Evaluations of the denoiser for a picture.
        title: Heading of the figures.
    """
    from nodes.evaluate_samples import decoder_of, open_conditioned
    from nodes.measuring.throughput import throughput
    from nodes.training.conditioned import Examples

    network, decode = open_conditioned(ctx, unet), decoder_of(ctx, autoencoder)
    prediction = cast("Prediction", unet.prediction)
    how = (batch, steps, evaluations)
    figures = throughput(network, prediction, Examples(latent.data), decode, how)
    factor = 1 if autoencoder is None else autoencoder.factor
    return Metrics(title, (("factor f", float(factor)), *figures))
