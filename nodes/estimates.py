"""About how much memory the heavy steps take: weights in the run's numerics, and one pass.

What is passed on from step to step and the keys and values of a prompt are left out: they are small
beside a pass. `tests/benchmarks/estimates.py` holds this against what runs really take.
"""

from __future__ import annotations

from engine.node import Estimate, Facts, Inference, Settings
from nodes.ldm.config import LARGE
from nodes.memory import DECODED_AT_ONCE, FLOAT, passes, window_of
from nodes.sizes import size_of, whole

LIBRARIES = {"libraries": 450_000_000}
"""What computes, once it is loaded."""
BFLOAT16 = 2
KEPT_EXACT = 0.03
"""Share of a denoiser that stays in float32 beside bfloat16 (`nodes.ldm.precision`)."""


def bytes_of_number(numerics: str, weights: int) -> int:
    """Bytes of one number in a network of so many weights (`nodes.runtime.type_for`)."""
    fast = {"fast": True, "auto": weights >= LARGE}.get(numerics, False)
    return BFLOAT16 if fast else FLOAT


def estimate_denoising(given: Inference, run: Settings) -> Estimate | None:
    """Weights of the denoiser and its ControlNets, and one pass with guidance."""
    unet, latent = given.facts.get("unet", {}), given.facts.get("latent", {})
    control = given.facts.get("control", {})
    size, weights, peak = (
        size_of(window_of(given, latent)),
        whole(unet, "weights"),
        whole(unet, "peak"),
    )
    if size is None or not weights or peak is None:
        return None
    each = bytes_of_number(run.numerics, weights)
    places = size[0] * size[1] * passes(given) * (whole(latent, "n") or 1)
    beside = FLOAT * (whole(control, "beside") or 0)
    kept = {**LIBRARIES, **_kept("denoiser", unet, each), **_kept("control", control, FLOAT)}
    return Estimate(places * (each * peak + beside), kept)


def estimate_decoding(given: Inference, run: Settings) -> Estimate | None:
    """Weights of the first stage, and as many pictures as are decoded at a time."""
    stage, latent = given.facts.get("autoencoder", {}), given.facts.get("latent", {})
    factor, size = whole(stage, "f"), size_of(latent)
    if factor is None or size is None:
        return None
    size = size_of(window_of(given, latent, factor)) or size
    at_once = min(whole(latent, "n") or 1, DECODED_AT_ONCE)
    return _of_stage(stage, "peak", size[0] * size[1] * factor**2 * at_once, run)


def estimate_encoding(given: Inference, run: Settings) -> Estimate | None:
    """Weights of the first stage, and all pictures at once."""
    stage, image = given.facts.get("autoencoder", {}), given.facts.get("image", {})
    size = size_of(window_of(given, image))
    if size is None:
        return None
    pixels = size[0] * size[1] * (whole(image, "n") or 1)
    return _of_stage(stage, "peak_in", pixels, run)


def estimate_reading(given: Inference, run: Settings) -> Estimate | None:
    """Weights of the text encoders, which stay in float32; a prompt takes little beside them."""
    del run
    text = given.facts.get("text_encoder", {})
    if whole(text, "weights") is None:
        return None
    return Estimate(0, {**LIBRARIES, **_kept("text encoder", text, FLOAT)})


def _of_stage(stage: Facts, peak: str, pixels: int, run: Settings) -> Estimate | None:
    weights, floats = whole(stage, "weights"), whole(stage, peak)
    if not weights or not floats:
        return None
    each = bytes_of_number(run.numerics, weights)
    return Estimate(each * floats * pixels, {**LIBRARIES, **_kept("first stage", stage, each)})


def _kept(kind: str, part: Facts, each: int) -> dict[str, int]:
    """Bytes of a network's weights, and of those that LoRAs change on a copy."""
    weights = whole(part, "weights") or 0
    name = f"{kind} of {part.get('file', f'a model of {weights} weights')}"
    exact = 1 + KEPT_EXACT if each < FLOAT and kind == "denoiser" else 1
    kept = {name: int(each * exact * weights)} if weights else {}
    if patched := whole(part, "patched"):
        kept[f"{name} with {part.get('loras', 'a LoRA')}"] = each * patched
    return kept
