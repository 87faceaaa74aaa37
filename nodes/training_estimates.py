"""About how much memory and time a training takes, before it starts.

Weights count with their gradient, AdamW's two moments, their average, and what is copied to keep
the model; what one example leaves for the way back is counted by the widths of the blocks, and
those numbers tell the time as well. The factors were measured on a CPU in bfloat16.
"""

from __future__ import annotations

from engine.node import Estimate, Facts, Inference, Settings
from nodes.checkpoints.layouts.autoencoder import autoencoder_shapes
from nodes.estimates import LIBRARIES
from nodes.ldm.config import AutoencoderConfig
from nodes.memory import ATTENDING_UNIT, FLOAT
from nodes.model_facts import weights_in
from nodes.sizes import size_of, whole
from nodes.training.shapes import TEXT_LAYERS

PER_WEIGHT = 24
"""Bytes: weight, gradient, two moments, average, and a copy when it is kept."""
OF_STAGE_BLOCK = 5
"""Numbers that a first stage's block, which is not told a timestep, leaves for the way back."""
A_SECOND = 6e7
"""Numbers left for the way back that one core passes a second: 5e7 to 1.6e8 for denoisers here."""
A_BATCH = 0.03
"""Seconds that a batch takes besides, however small its maps are."""


def stage_floats(config: AutoencoderConfig) -> float:
    """Numbers that one pixel leaves for the way back through encoder and decoder."""
    blocks = 2 * config.num_res_blocks + 1
    places = (width / 4**level for level, width in enumerate(config.widths))
    return float(OF_STAGE_BLOCK * blocks * sum(places))


def of_training(
    given: Inference, run: Settings, weights: int, floats: float, kept: int
) -> Estimate | None:
    """What a training takes; its time on the CPU only, where it was measured.

    Args:
        given: Its settings.
        run: The device.
        weights: Numbers that are learnt.
        floats: Numbers that one example leaves for the way back.
        kept: Bytes of the examples.
    """
    batch, steps = given.settings["batch"], given.settings["steps"]
    if batch is None or steps is None:
        return None
    memory = int(PER_WEIGHT * weights + FLOAT * floats * batch) + kept
    batches = steps * (given.settings.get("accumulate") or 1)
    seconds = batches * (floats * batch / A_SECOND + A_BATCH) if run.device == "cpu" else 0.0
    return Estimate(memory, LIBRARIES, seconds)


def estimate_denoiser(
    given: Inference, run: Settings, unet: Facts, examples: str = "latent"
) -> Estimate | None:
    """Weights of the UNet and of what reads its tokens, and one batch.

    Args:
        given: What is known of the training.
        run: The device.
        unet: Facts of the denoiser that it is about.
        examples: Name of the input that brings what is learnt from.
    """
    latent = given.facts.get(examples, {})
    size = size_of(latent)
    weights, learning = whole(unet, "weights"), whole(unet, "learning")
    if size is None or weights is None or learning is None:
        return None
    attending, width = whole(unet, "attending") or 0, whole(unet, "width") or 0  # none at all is 0
    cells = size[0] * size[1]
    numbers = (whole(latent, "n") or 0) * (whole(latent, "c") or 0) * cells
    floats = learning * cells + attending / ATTENDING_UNIT * cells**2
    learnt = weights + TEXT_LAYERS * 12 * width**2
    return of_training(given, run, learnt, floats, FLOAT * numbers)


def estimate_stage(
    given: Inference, run: Settings, shape: AutoencoderConfig | None
) -> Estimate | None:
    """Weights of the first stage, one batch of windows, and the pictures as bytes."""
    crop = given.settings["crop"]
    if shape is None or crop is None:
        return None
    weights = weights_in(autoencoder_shapes(shape))
    source = given.facts.get("pictures") or given.facts.get("scenes", {})
    size = size_of(source) or (0, 0)
    kept = 3 * size[0] * size[1] * (whole(source, "n") or 0)
    return of_training(given, run, weights, stage_floats(shape) * crop**2, kept)
